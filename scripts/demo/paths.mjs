import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const LEGACY = fileURLToPath(new URL('../../examples/legacy-tasks/', import.meta.url));
/** legacy-tasks as `eslint --fix` leaves it, made by the demo. */
export const FIXED = fileURLToPath(new URL('../../.cache/fixed-tasks/', import.meta.url));
/** legacy-tasks as `unbusy-codemod` leaves it, made by the demo. */
export const MIGRATED = fileURLToPath(new URL('../../.cache/migrated-tasks/', import.meta.url));
/** legacy-tasks with the files of safe-tasks over it, made by the demo. */
export const SAFE = fileURLToPath(new URL('../../.cache/safe-tasks/', import.meta.url));
