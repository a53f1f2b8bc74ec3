import { describe, expect, test } from 'vitest';
import { chained, DRIVER, texts, TYPESCRIPT } from './chains.ts';

const project = { ...TYPESCRIPT, 'src/driver.ts': DRIVER };

describe('a function that has to wait', () => {
  test('becomes asynchronous, and all that call it await it', async () => {
    const { changed, boundary } = await chained({
      ...project,
      'src/database.ts': `
        import { Database } from './driver.ts';

        /** Opens. */
        export function getDatabase(file: string): Database {
          return ▸new Database(file);
        }`,
      'src/users.ts': `
        import { getDatabase } from './database.ts';

        export const names = (file: string) => getDatabase(file).all('SELECT name FROM users');

        export function save(file: string): void {
          const db = getDatabase(file);
          db.run('INSERT');
        }`,
      'src/main.ts': `
        import * as users from './users.ts';

        users.save('app.db');
        for (const name of users.names('app.db')) console.log(name);`,
    });
    expect(boundary).toBeNull();
    expect(changed).toEqual(
      texts({
        'src/database.ts': `
          import { Database } from './driver.ts';

          /** Opens. */
          export async function getDatabase(file: string): Promise<Database> {
            return new Database(file);
          }`,
        'src/users.ts': `
          import { getDatabase } from './database.ts';

          export const names = async (file: string) => (await getDatabase(file)).all('SELECT name FROM users');

          export async function save(file: string): Promise<void> {
            const db = await getDatabase(file);
            db.run('INSERT');
          }`,
        'src/main.ts': `
          import * as users from './users.ts';

          await users.save('app.db');
          for (const name of await users.names('app.db')) console.log(name);`,
      }),
    );
  });
});
