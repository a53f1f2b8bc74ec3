import { runByHandle } from './execution.ts';
import { runIn } from './layers.ts';
import type { Call } from './frame.ts';

/** A method of an object that is not known queries in the transaction whose handle it is given among its options. */
export function queryByOptions(call: Call, method: string): void {
  const { solver, state, args } = call;
  for (const arg of args) {
    const options = solver.read(state, arg);
    if (options?.type !== 'record') continue;
    for (const value of options.fields.values()) {
      const handle = solver.read(state, value);
      if (value.kind !== 'ref' || (handle?.type !== 'layer' && handle?.type !== 'transaction')) continue;
      const driver = handle.type === 'layer' ? handle.layer.handles : handle.driver;
      const query = driver?.transactionInOptions?.[method];
      if (query === undefined) continue;
      if (handle.type === 'layer') runIn(call, value.id, { does: query });
      else runByHandle(call, value.id, { does: query });
    }
  }
}
