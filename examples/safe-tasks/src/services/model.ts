import { setTimeout as sleep } from 'node:timers/promises';
import { currentTask } from 'unbusy';

/** Milliseconds that the large model takes for an answer. */
const ANSWER_TIME = 5 * 60 * 1000;

export interface ModelAnswer {
  readonly text: string;
  readonly tokens: number;
}

/** Stands in for the large model. `TIME_SCALE` shortens its five minutes: with 0.01 they are three seconds. */
export async function askModel(prompt: string): Promise<ModelAnswer> {
  await sleep(ANSWER_TIME * Number(process.env.TIME_SCALE ?? 1), undefined, { signal: currentTask()?.signal });
  const words = prompt.split(/\s+/);
  return { text: `About "${words.slice(0, 8).join(' ')}": yes, with care.`, tokens: words.length * 12 };
}
