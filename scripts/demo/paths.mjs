import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const EXAMPLE = fileURLToPath(new URL('../../examples/legacy-tasks/', import.meta.url));
