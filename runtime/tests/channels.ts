import { channels, type Events } from '../src/channels.ts';

/** What is published on a channel while a function runs. */
export async function published<Name extends keyof Events, T>(
  name: Name,
  run: (events: Events[Name][]) => Promise<T>,
): Promise<T> {
  const events: Events[Name][] = [];
  const listen = (message: unknown) => void events.push(message as Events[Name]);
  channels[name].subscribe(listen);
  try {
    return await run(events);
  } finally {
    channels[name].unsubscribe(listen);
  }
}
