// A stopwatch for what the analysis does in other modules than the one being linted: finding, reading, parsing and
// summing them up. It wraps the public methods of the classes that do so; the time between is the file's own.
import { performance } from 'node:perf_hooks';
import { Outlines } from '../../dist/src/analysis/modules/outlines.js';
import { Project } from '../../dist/src/analysis/modules/project.js';
import { Neighbours } from '../../dist/src/analysis/neighbours.js';

/** Methods of the project that are given a path, which may be that of the file being linted. */
const GIVEN_A_PATH = new Set(['scan', 'adopt', 'module']);

let file = '';
let depth = 0;
let total = 0;

for (const type of [Project, Outlines, Neighbours]) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(type.prototype))) {
    if (name !== 'constructor' && typeof value === 'function') type.prototype[name] = timed(name, value);
  }
}

function timed(name, method) {
  return function (...parameters) {
    if (depth > 0 || (GIVEN_A_PATH.has(name) && parameters[0] === file)) return method.apply(this, parameters);
    depth += 1;
    const start = performance.now();
    try {
      return method.apply(this, parameters);
    } finally {
      total += performance.now() - start;
      depth -= 1;
    }
  };
}

/** Milliseconds of look-ups while a file is linted by `lint`. */
export function lookUpTime(path, lint) {
  file = path;
  total = 0;
  lint();
  return total;
}
