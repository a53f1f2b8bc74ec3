import { runFunction } from './roots.ts';
import { awaited } from './hold.ts';
import { workOf } from './promises.ts';
import { State } from './state.ts';
import { newTransaction } from './transactions.ts';
import { borrowedConnection } from './typed.ts';
import { Exhausted } from './limits.ts';
import type { Solver } from './solver.ts';
import { SILENT } from './recorder.ts';
import { UNKNOWN, type Value, type Work } from './values.ts';
import { DRIVERS } from '../../drivers/index.ts';
import type { FunctionValue } from './objects.ts';
import type { Site } from '../ir.ts';

/**
 * Whether a function waits for work outside of the database: it is run while a transaction is held, and what would be
 * reported then is what it waits for.
 */
export function traceForeignWork(solver: Solver, callee: FunctionValue): Work | null {
  let found: Work | null = null;
  const watching = solver.withRecorder({
    ...SILENT,
    awaited: (_held, work, site) => {
      if (!found && work.kind === 'foreign') found = { ...work, trace: [site, ...work.trace] };
    },
  });
  const state = new State();
  const [driver] = DRIVERS;
  if (!driver) return null;
  const site: Site = { module: callee.fn.module, node: callee.fn.node };
  try {
    runFunction(watching, callee, selfOf(watching, callee, state), state, {
      prepare: (frame) => {
        const connection = borrowedConnection({ ...driver, synchronous: false }, site, frame);
        return watching.allocate(state, frame, site, 'held', {
          ...connection,
          transaction: newTransaction({ mode: 'immediate', began: site, beganIn: frame.activation, managed: true }),
        });
      },
      atEnd: (frame, ended, value) => {
        // A promise that is returned is waited for by whoever called.
        const promise = watching.read(ended, value);
        awaited(watching, ended, frame, promise?.type === 'promise' ? promise.work : workOf(value), site);
      },
    });
  } catch (problem) {
    if (!(problem instanceof Exhausted)) throw problem;
  }
  return found;
}

/** What `this` is in a function; in a method whose object is not known here, an instance that somebody made. */
function selfOf(solver: Solver, { fn, self }: FunctionValue, state: State): Value {
  if (self && self.kind !== 'unknown' && (self.kind !== 'ref' || solver.read(state, self))) return self;
  const isMethod = fn.cls?.members.some((member) => member.fn === fn && !member.isStatic);
  const cls = fn.cls && isMethod ? solver.world.classValue(solver, fn.cls) : null;
  return cls ? solver.world.instanceOf(solver, state, cls) : UNKNOWN;
}
