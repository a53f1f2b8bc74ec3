export function migratedTasks(folder: string): string;
