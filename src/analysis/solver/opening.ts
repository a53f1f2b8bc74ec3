import { lastCallback, pend, promiseOf, raise } from './answers.ts';
import { openingSettings } from './settings.ts';
import { ref } from './values.ts';
import type { Call, Outcome } from './frame.ts';
import type { Connection, RecordObject } from './heap.ts';
import type { Solver } from './solver.ts';
import type { Driver, OpeningFact } from '../../drivers/driver.ts';

export function openConnection(call: Call, driver: Driver, fact: OpeningFact): Outcome[] {
  const { solver, state, frame, site } = call;
  const args = call.args.map((arg) => solver.world.asides.textOf(solver, arg));
  const settings = openingSettings(driver, fact, args, (value) => {
    const object = solver.read(state, value);
    return object?.type === 'record' ? withTexts(solver, object) : object;
  });
  const connection: Connection = {
    type: 'connection',
    driver,
    opened: site,
    handed: site,
    direct: true,
    means: null,
    received: site,
    holder: frame.activation,
    status: fact.answers === 'promise' ? 'opening' : 'open',
    ownership: fact.shared ? 'borrowed' : 'owned',
    settings,
    transaction: null,
    used: false,
    inField: false,
  };
  const id = solver.fresh(state, frame, site, 'connection');
  const before: Connection = { ...connection, status: 'failed' };
  if (fact.answers !== 'callback') raise(call);
  state.heap.set(id, connection);
  const options = fact.options === undefined ? undefined : args[fact.options];
  solver.recorder.opened(connection, options && solver.read(state, options), {
    driver: fact,
    pool: null,
    isChoice: false,
  });
  if (fact.answers === 'promise') return promiseOf(call, ref(id), id, [{ id, before, after: connection }]);
  if (fact.answers === 'callback') pend(call, lastCallback(args), [{ id, before, after: connection }], false);
  return [{ state, value: ref(id) }];
}

/** Options, with what functions of other modules return as text. */
function withTexts(solver: Solver, record: RecordObject): RecordObject {
  const fields = new Map([...record.fields].map(([name, value]) => [name, solver.world.asides.textOf(solver, value)]));
  return { ...record, fields };
}
