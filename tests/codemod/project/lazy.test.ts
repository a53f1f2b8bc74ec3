import { expect, test, vi } from 'vitest';
import { Projects } from '../../../src/codemod/project/projects.ts';
import { typeCheck } from '../../../src/codemod/project/types.ts';
import { ProjectFolder } from '../../project-folder.ts';

const compiler = vi.hoisted(() => ({ isLoaded: false }));

vi.mock('ts-morph', async (importOriginal) => {
  compiler.isLoaded = true;
  return await importOriginal();
});

test('the compiler is loaded by the first text to check, and neither by the plugin nor by the command line', async () => {
  const folder = new ProjectFolder({ 'a.ts': 'export {};' });
  const check = typeCheck(new Projects(folder.path));
  await import('../../../src/index.ts');
  await import('../../../src/codemod/commands/migrate.ts');
  await check.errorsAdded(new Map());
  expect(compiler.isLoaded).toBe(false);
  await check.errorsAdded(new Map([[folder.file('a.ts'), '']]));
  expect(compiler.isLoaded).toBe(true);
});
