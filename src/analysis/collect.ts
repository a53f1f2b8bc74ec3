import type { Driver } from '../drivers/driver.ts';
import type {
  AsyncCallbackFact,
  LeakExitFact,
  ModuleFacts,
  LeakFact,
  Life,
  OpenFact,
  PragmaFact,
  ReceivedFact,
  TransactionExitFact,
  TransactionLeakFact,
  UpgradeFact,
} from './facts.ts';
import type { FunctionIR, ModuleIR, Site, SourceNode } from './ir.ts';
import { placeIn, type Activation } from './solver/activation.ts';
import type { Connection, HeapObject, Settings, Transaction, TransactionHandle } from './solver/heap.ts';
import type { Exit } from './solver/leaks.ts';
import type { Handing, Held, Opener, Recorder } from './solver/recorder.ts';
import { joined, only, type SettingName } from './solver/settings.ts';
import type { Means } from './solver/means.ts';
import type { Value, Work } from './solver/values.ts';
import type { Pragma } from './sql/statements.ts';
import { agreed, type ToldFact } from './told.ts';
import { Waits, type Wait } from './waits.ts';

interface Leak {
  readonly site: Site;
  readonly opened: Site;
  readonly driver: Driver;
  readonly direct: boolean;
  readonly means: Means | null;
  readonly transaction: Transaction | null;
  readonly exit: Exit;
  readonly by: Activation;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface Ending {
  ran: Site | null;
  driver: Driver | null;
  ended: boolean;
  /** The call that began it, or the function around that, returned while it was open. */
  forCaller: Activation | null;
  committedUnwinding: Site | null;
  readonly left: { readonly exit: Exit; readonly leaked: boolean }[];
}

/** What one run of one function told; counted once the run is over. */
class Draft {
  readonly opened: {
    readonly connection: Connection;
    readonly by: Opener;
    readonly options: OpenFact['options'];
  }[] = [];
  readonly lives: { readonly connection: Connection; readonly life: Life }[] = [];
  readonly handed = new Map<SourceNode, Set<Activation>>();
  readonly leaks: Leak[] = [];
  /** By where transactions began, and in which call: a helper may begin several. */
  readonly endings = new Map<Site, Map<Activation, Ending>>();
  readonly waits: Wait[] = [];
  readonly callbacks: AsyncCallbackFact[] = [];
  readonly upgrades: UpgradeFact[] = [];
  readonly pragmas: PragmaFact[] = [];
  truncated = false;
}

/** Collects what the solver tells of one module into facts. */
export class Collector implements Recorder {
  readonly #module: ModuleIR;
  readonly #opens = new Map<SourceNode, Omit<OpenFact, 'lives'> & { lives: Life[] }>();
  readonly #received: Mutable<ReceivedFact & { lives: Life[] }>[] = [];
  /** What any code sets on connections of an opening call, or of a call that gets one from another module. */
  readonly #configured = new Map<SourceNode, Settings>();
  readonly #leaks = new Map<SourceNode, Mutable<LeakFact> & { exits: LeakExitFact[] }>();
  readonly #transactionLeaks = new Map<SourceNode, Mutable<TransactionLeakFact> & { exits: TransactionExitFact[] }>();
  readonly #waits: Waits;
  readonly #callbacks = new Map<SourceNode, AsyncCallbackFact>();
  readonly #upgrades = new Map<SourceNode, UpgradeFact>();
  readonly #pragmas: PragmaFact[] = [];
  /** Facts by module and place. */
  readonly #told = new Map<string, ToldFact>();
  /** The module runs SQL text that is not known. */
  #isUntold = false;
  #tooDeep = false;
  #rollbacks = 0;
  #commits: Site[] = [];
  #begins: { site: Site }[] = [];
  #draft = new Draft();
  readonly #mentioned = new Map<'journal' | 'timeout', boolean>();

  constructor(module: ModuleIR) {
    this.#module = module;
    this.#waits = new Waits(module);
  }

  // ---------------------------------------------------------------------------------------------------------------
  // Runs

  begin(): void {
    this.#draft = new Draft();
  }

  /** Forgets what the run told: it was not finished. */
  discard(): void {
    this.#draft = new Draft();
  }

  commit(): void {
    const draft = this.#draft;
    this.#draft = new Draft();
    for (const { connection, by, options } of draft.opened) this.#openOf(connection, by, options);
    for (const { connection, life } of draft.lives) this.#livesOf(connection)?.push(life);
    for (const leak of draft.leaks) if (this.#counts(draft, leak)) this.#addLeak(leak, draft);
    for (const [began, endings] of draft.endings)
      for (const [activation, ending] of endings) this.#judgeEnding(draft, began, activation, ending);
    for (const wait of draft.waits) this.#waits.add(wait);
    for (const fact of draft.callbacks) this.#callbacks.set(fact.site.node, fact);
    for (const fact of draft.upgrades)
      if (!this.#upgrades.has(fact.site.node)) this.#upgrades.set(fact.site.node, fact);
    for (const fact of draft.pragmas) this.#addPragma(fact);
  }

  /**
   * A call that fails before a handle is handed over leaves it open for a moment that hardly ever comes; what is reported
   * is a way out without the hand-over.
   */
  #counts(draft: Draft, leak: Leak): boolean {
    if (leak.exit.kind !== 'implicit') return true;
    return !draft.truncated && !draft.handed.get(leak.opened.node)?.has(leak.by);
  }

  #addLeak(leak: Leak, draft: Draft): void {
    if (leak.by.fn.module !== this.#module) return; // reported where that function stands
    const site = this.#local(leak.site, leak.by);
    if (!site) return;
    let fact = this.#leaks.get(site.node);
    if (!fact) {
      const { opened, driver } = leak;
      this.#leaks.set(
        site.node,
        (fact = { site, opened, driver, direct: true, means: null, handedOver: false, exits: [] }),
      );
    }
    if (!leak.direct || site.node !== leak.site.node) fact.direct = false;
    if (site.node === leak.site.node) fact.means ??= leak.means;
    if (draft.handed.get(leak.opened.node)?.has(leak.by)) fact.handedOver = true;
    const { kind } = leak.exit;
    const transaction = leak.transaction && this.#local(leak.transaction.began, leak.transaction.beganIn);
    const exit = { kind, site: this.#local(leak.exit.site, leak.by) ?? site, transaction };
    const known = fact.exits.findIndex((other) => other.kind === kind && other.site.node === exit.site.node);
    if (known >= 0 && (!transaction || fact.exits[known]?.transaction)) return;
    if (known >= 0) fact.exits.splice(known, 1);
    // Of several ways out of a kind, one that leaves a transaction open as well does the most harm.
    const first = fact.exits.findIndex((other) => other.kind === kind);
    if (transaction && first >= 0 && !fact.exits[first]?.transaction) fact.exits.splice(first, 0, exit);
    else fact.exits.push(exit);
  }

  #addPragma(fact: PragmaFact): void {
    const isKnown = this.#pragmas.some(
      ({ site, pragma }) =>
        site.node === fact.site.node && pragma.name === fact.pragma.name && pragma.value === fact.pragma.value,
    );
    if (!isKnown) this.#pragmas.push(fact);
  }

  #judgeEnding(draft: Draft, began: Site, activation: Activation, ending: Ending): void {
    const site = ending.forCaller ? this.#localCall(began, ending.forCaller) : this.#local(began, activation);
    if (site?.module !== this.#module) return;
    const isStatement = site.node === began.node;
    const ran = isStatement ? (ending.ran ?? began) : null;
    const what = { driver: ending.driver, begins: isStatement ? 'statement' : 'call', ran } as const;
    if (ending.committedUnwinding)
      this.#addTransactionLeak(site, what, { kind: 'committed', site: ending.committedUnwinding });
    // A function that begins and never ends is a helper: whoever calls it ends the transaction.
    if (!ending.ended) {
      this.#begins.push({ site });
      return;
    }
    for (const { exit, leaked } of ending.left) {
      if (leaked) continue; // the connection itself is what is left open
      if (exit.kind === 'implicit' && draft.truncated) continue;
      const place = exit.site.module === this.#module ? exit.site : site;
      this.#addTransactionLeak(site, what, { kind: exit.kind, site: place });
    }
  }

  #addTransactionLeak(
    site: Site,
    what: Pick<TransactionLeakFact, 'driver' | 'begins' | 'ran'>,
    exit: TransactionExitFact,
  ): void {
    let fact = this.#transactionLeaks.get(site.node);
    if (!fact) this.#transactionLeaks.set(site.node, (fact = { site, ...what, exits: [] }));
    const { kind, site: place } = exit;
    if (!fact.exits.some((known) => known.kind === kind && known.site.node === place.node)) fact.exits.push(exit);
  }

  #local(site: Site, activation: Activation): Site | null {
    return placeIn(this.#module, site, activation);
  }

  #openOf({ opened: site, driver }: Connection, by: Opener, options: OpenFact['options']): void {
    if (site.module !== this.#module || this.#opens.has(site.node)) return;
    const { driver: opening, pool, isChoice } = by;
    this.#opens.set(site.node, { site, driver, opening, pool, isChoice, lives: [], options });
  }

  /** The call of a helper that begins a transaction; a function that stands in its caller begins it there itself. */
  #localCall(began: Site, activation: Activation): Site | null {
    const { site, caller, fn } = activation;
    if (!site || !caller) return this.#local(began, activation);
    for (let outer: FunctionIR | null = fn.outer; outer; outer = outer.outer)
      if (outer === caller.fn) return this.#local(began, activation);
    return this.#local(site, caller);
  }

  /** The call in this module that opened a connection or got it from another module. */
  #placeOf({ received, opened, holder }: Connection): Site | null {
    return received.module === this.#module ? received : this.#local(opened, holder);
  }

  #livesOf(connection: Connection): Life[] | null {
    const { opened, driver } = connection;
    if (opened.module === this.#module) return this.#opens.get(opened.node)?.lives ?? null;
    const site = this.#placeOf(connection);
    if (!site) return null;
    let received = this.#received.find((known) => known.site.node === site.node && known.opened.node === opened.node);
    if (!received) this.#received.push((received = { site, opened, driver, direct: true, means: null, lives: [] }));
    if (connection.handed.node === site.node && !connection.direct) {
      received.direct = false;
      received.means ??= connection.means;
    }
    return received.lives;
  }

  /** A connection that lasts is set up by any code that can get at it; ways on which it ends early are no use of it. */
  #setUp<T extends { readonly site: Site; readonly lives: readonly Life[] }>(fact: T): T {
    if (!fact.lives.some((life) => life.lasting)) return fact;
    const configured = this.#configured.get(fact.site.node);
    const known = this.#pragmas.map(({ pragma }) => pragma.name);
    const isUntold = (setting: 'journal' | 'timeout'): boolean =>
      this.#isUntold && !known.includes(PRAGMA_OF[setting]) && this.#mentions(setting);
    const setUp = (settings: Settings): Settings =>
      this.#unlessMentioned(configured ? joined(settings, configured) : settings, isUntold);
    return { ...fact, lives: fact.lives.map((life) => ({ ...life, settings: setUp(life.settings) })) };
  }

  facts(): ModuleFacts {
    return {
      opens: [...this.#opens.values()].map((open) => this.#setUp(open)),
      received: this.#received.map((received) => this.#setUp(received)),
      leaks: [...this.#leaks.values()],
      transactionLeaks: [...this.#transactionLeaks.values(), ...this.#neverRolledBack()],
      waits: this.#waits.facts(),
      asyncCallbacks: [...this.#callbacks.values()],
      upgrades: [...this.#upgrades.values()],
      pragmas: this.#pragmas,
      told: [...this.#told.values()],
      tooDeep: this.#tooDeep,
    };
  }

  /** A function could not be followed to its end. */
  nestedTooDeeply(): void {
    this.#tooDeep = true;
  }

  /** Begin and commit are functions of their own, and nothing in the module can roll back. */
  #neverRolledBack(): TransactionLeakFact[] {
    const [commit] = this.#commits;
    if (!commit || this.#rollbacks > 0 || /\brollback\b/i.test(this.#module.text)) return [];
    const begun = this.#begins.filter(({ site }) => !this.#transactionLeaks.has(site.node));
    const exits: TransactionExitFact[] = [{ kind: 'committed', site: commit }];
    return begun.map(({ site }) => ({ site, driver: null, begins: 'call', ran: null, exits }));
  }

  // ---------------------------------------------------------------------------------------------------------------
  // What the solver tells

  opened(connection: Connection, options: HeapObject | undefined, by: Opener): void {
    const sites = options?.type === 'record' ? [...(options.sites ?? [])] : [];
    // Options that come from another module are reported where they are used.
    const named = sites.map(([name, site]) => ({
      name,
      site: site.module === this.#module ? site : connection.opened,
    }));
    this.#draft.opened.push({ connection, by, options: named });
  }

  configured(connection: Connection, settings: readonly SettingName[]): void {
    // Remembered at once, also from runs that are not finished: what is set is set.
    const { node } = this.#placeOf(connection) ?? connection.opened;
    const known = this.#configured.get(node);
    const set = only(connection.settings, settings);
    this.#configured.set(node, known ? joined(known, set) : set);
  }

  observed(connection: Connection, how: 'ended' | 'kept' | 'stored'): void {
    if (connection.ownership === 'borrowed' || connection.setUpByLibrary) return;
    const settings = how === 'stored' ? this.#loose(connection.settings) : connection.settings;
    this.#draft.lives.push({
      connection,
      life: { settings, used: connection.used, lasting: how !== 'ended' },
    });
  }

  handed(connection: Connection, by: Activation, to: Handing): void {
    this.#hand(connection.opened, by);
    if (to === 'kept' || to === 'returned') this.observed(connection, 'kept');
    else if (to === 'stored') this.observed(connection, 'stored');
  }

  /** What is put into something unknown may be set up by any code of the module that sets up something unknown. */
  #loose(settings: Settings): Settings {
    return this.#unlessMentioned(settings, (setting) => this.#mentions(setting));
  }

  /** Whether the module has text that sets something; the whole of it is searched once. */
  #mentions(setting: 'journal' | 'timeout'): boolean {
    let mentioned = this.#mentioned.get(setting);
    if (mentioned === undefined) this.#mentioned.set(setting, (mentioned = MENTIONS[setting].test(this.#module.text)));
    return mentioned;
  }

  /** What the module sets on something that could not be told may be this connection. */
  #unlessMentioned(settings: Settings, isMentioned: (setting: 'journal' | 'timeout') => boolean): Settings {
    return {
      ...settings,
      journal: settings.journal === 'unset' && isMentioned('journal') ? 'unknown' : settings.journal,
      timeout: settings.timeout === 'unset' && isMentioned('timeout') ? 'unknown' : settings.timeout,
    };
  }

  handedTransaction(transaction: TransactionHandle, by: Activation): void {
    this.#hand(transaction.opened, by);
  }

  #hand(opened: Site, by: Activation): void {
    let activations = this.#draft.handed.get(opened.node);
    if (!activations) this.#draft.handed.set(opened.node, (activations = new Set()));
    activations.add(by);
  }

  leaked(connection: Connection, exit: Exit, by: Activation): void {
    // The top level of a script runs once, and the process ends with it.
    if (!connection.holder.fn.outer) return;
    // Nobody else waits for it, and there is no file.
    if (connection.settings.file === IN_MEMORY) return;
    const { handed, direct, means, opened, driver, transaction } = connection;
    this.#draft.leaks.push({ site: handed, direct, means, opened, driver, transaction, exit, by });
  }

  leakedTransaction(transaction: TransactionHandle, exit: Exit, by: Activation): void {
    if (exit.kind === 'implicit' && this.#draft.handed.get(transaction.opened.node)?.has(by)) return;
    const site = this.#local(transaction.handed, by);
    const what = { driver: transaction.driver, begins: 'handle', ran: null } as const;
    if (site) this.#addTransactionLeak(site, what, { kind: exit.kind, site: this.#local(exit.site, by) ?? site });
  }

  committed(transaction: Transaction | null, unwinding: boolean): void {
    if (transaction) {
      const ending = this.#endingOf(transaction);
      ending.ended = true;
      if (unwinding) ending.committedUnwinding ??= transaction.began;
    }
    this.#commits.push({ module: this.#module, node: this.#module.program.node });
  }

  ended(transaction: Transaction | null, how: 'commit' | 'rollback'): void {
    if (how === 'rollback') this.#rollbacks += 1;
    if (transaction) this.#endingOf(transaction).ended = true;
  }

  begunForCaller(transaction: Transaction, by: Activation): void {
    this.#endingOf(transaction).forCaller = by;
  }

  left(connection: Connection, exit: Exit, leaked: boolean): void {
    const { transaction } = connection;
    if (!transaction || transaction.managed || transaction.uncertain || connection.status !== 'open') return;
    const ending = this.#endingOf(transaction);
    ending.driver = connection.driver;
    ending.ran = transaction.ran;
    ending.left.push({ exit, leaked });
  }

  #endingOf(transaction: Transaction): Ending {
    let endings = this.#draft.endings.get(transaction.began);
    if (!endings) this.#draft.endings.set(transaction.began, (endings = new Map<Activation, Ending>()));
    let ending = endings.get(transaction.beganIn);
    if (!ending)
      endings.set(
        transaction.beganIn,
        (ending = { ended: false, driver: null, ran: null, forCaller: null, committedUnwinding: null, left: [] }),
      );
    return ending;
  }

  upgraded(transaction: Transaction, write: Site): void {
    const { read, immediate } = transaction;
    if (!read) return;
    // Where a function of another module begins it for a callback, it is the callback that reads and then writes.
    const site = this.#local(transaction.began, transaction.beganIn);
    if (site?.module !== this.#module || read.module !== this.#module) return;
    // All of it happens in one call of another module's function, which is that module's business.
    if (transaction.began.module !== this.#module && read.node === site.node) return;
    this.#draft.upgrades.push({ site, read, write, immediate });
  }

  awaited(held: Held, work: Work, site: Site, by: Activation): void {
    this.#draft.waits.push({ held, work, site, by });
  }

  asyncCallback(site: Site, callback: Value, of: string, method: string): void {
    if (site.module !== this.#module) return;
    const place =
      callback.kind === 'function' && callback.fn.module === this.#module
        ? { module: this.#module, node: callback.fn.node }
        : null;
    this.#draft.callbacks.push({ site, callback: place, of, method });
  }

  pragma(site: Site, pragma: Pragma, driver: Driver): void {
    if (site.module === this.#module) this.#draft.pragmas.push({ site, pragma, driver });
  }

  told(fact: ToldFact): void {
    // Remembered at once: what is given is given, also in runs that are not finished.
    const key = `${fact.module}\0${fact.place}`;
    const known = this.#told.get(key);
    const info = known ? known.info && fact.info && agreed(known.info, fact.info) : fact.info;
    this.#told.set(key, { ...fact, info });
  }

  untold(): void {
    this.#isUntold = true;
  }

  truncated(): void {
    this.#draft.truncated = true;
  }
}

const IN_MEMORY = ':memory:';

const PRAGMA_OF = { journal: 'journal_mode', timeout: 'busy_timeout' } as const;

/** Text that sets something, rather than a remark about it. */
const MENTIONS = { journal: /^(?!\s*(?:\/\/|\*)).*journal_mode/im, timeout: /^(?!\s*(?:\/\/|\*)).*busy_?timeout/im };
