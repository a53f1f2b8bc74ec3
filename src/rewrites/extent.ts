import { childrenOf, type Node } from '../analysis/javascript/syntax.ts';
import { visit, methodOf } from './walk.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Handle } from './handle.ts';
import type { Source, Variable } from './source.ts';

/** The statements that need a connection to be open: from the first behind its opening to the last that has to do with it. */
export interface Extent {
  readonly statements: readonly Node[];
  /** The statements that come behind them in the list. */
  readonly after: readonly Node[];
  /** Whether an expression is the connection, or a variable that has something that needs it, such as a statement. */
  readonly isHolder: (node: Node) => boolean;
  /** Where variables are mentioned that have something that needs the connection. */
  readonly connected: readonly Node[];
  /** Something that the statements declare is used outside of them, where a block would hide it. */
  readonly isSeenOutside: boolean;
  /** It goes to somebody else on some way: it is returned, or put where it can be reached from outside. */
  readonly isHandedOver: boolean;
}

/** Finds the fewest statements that keep every use of a connection, and every use of the variables they declare. */
export function extentOf(handle: Handle, driver: Driver, source: Source): Extent {
  const { following } = handle;
  const { holders, isHolder, isHandedOver } = holdersOf(handle, driver, source);
  const connected = [...holders].flatMap(({ references }) => references.map(({ identifier }) => identifier));
  let end = 0;
  const reach = (nodes: Iterable<Node>): boolean => {
    let grown = false;
    for (const { range } of nodes) {
      const at = following.findIndex((statement) => range[0] >= statement.range[0] && range[1] <= statement.range[1]);
      if (at >= end) {
        end = at + 1;
        grown = true;
      }
    }
    return grown;
  };
  reach(handle.uses);
  reach(connected);
  // What a block declares is not seen behind it.
  let grown = true;
  while (grown) {
    const declared = following.slice(0, end).flatMap((statement) => source.declaredBy(statement));
    grown = reach(declared.flatMap(({ references }) => references.map(({ identifier }) => identifier)));
  }
  const statements = following.slice(0, end);
  const isSeenOutside = isDeclaredFor(statements, source);
  return { statements, after: following.slice(end), isHolder, connected, isSeenOutside, isHandedOver };
}

interface Holders {
  readonly holders: ReadonlySet<Variable>;
  readonly isHolder: Extent['isHolder'];
  readonly isHandedOver: boolean;
}

/** Functions that are called in front of their declaration, and names of other cases of a `switch`. */
function isDeclaredFor(statements: readonly Node[], source: Source): boolean {
  const [first] = statements;
  const last = statements.at(-1);
  if (!first || !last) return false;
  const isOutside = ({ range }: Node): boolean => range[0] < first.range[0] || range[1] > last.range[1];
  return statements
    .filter((statement) => statement.type !== 'VariableDeclaration' || statement.kind !== 'var')
    .flatMap((statement) => source.declaredBy(statement))
    .some(({ references }) => references.some(({ identifier }) => isOutside(identifier)));
}

/** Variables by which something reaches the connection: results that are plain data do not. */
function holdersOf(handle: Handle, driver: Driver, source: Source): Holders {
  const holders = new Set<Variable>();
  if (handle.variable) holders.add(handle.variable);
  const isHolder = (node: Node): boolean => {
    if (handle.uses.includes(node)) return true;
    if (node.type !== 'Identifier') return false;
    for (const { references } of holders) if (references.some(({ identifier }) => identifier === node)) return true;
    return false;
  };
  const owners = new Set<Variable>(holders);
  const isOwner = (node: Node): boolean =>
    handle.uses.includes(node) ||
    (node.type === 'Identifier' &&
      [...owners].some(({ references }) => references.some(({ identifier }) => identifier === node)));
  let isHandedOver = false;
  let before = -1;
  while (before !== holders.size + owners.size) {
    before = holders.size + owners.size;
    for (const statement of handle.following)
      visit(statement, (node) => {
        if (node.type === 'ReturnStatement' && node.argument) isHandedOver ||= owns(node.argument, driver, isOwner);
        const given = valueGiven(node);
        if (!given || !holds(given.value, driver, isHolder)) return;
        const variables = source.variablesIn(given.target);
        for (const variable of variables) holders.add(variable);
        if (!owns(given.value, driver, isOwner)) return;
        isHandedOver ||= variables.length === 0;
        for (const variable of variables) owners.add(variable);
      });
  }
  for (const { identifiers, references } of owners) {
    const places = [...identifiers, ...references.map(({ identifier }) => identifier)];
    if (places.some((place) => !isWithin(place, handle))) isHandedOver = true;
  }
  return { holders, isHolder, isHandedOver };
}

/** Whether a value is the connection, or may have it: what was made with it, or of it, rather than an answer. */
function owns(value: Node, driver: Driver, isOwner: (node: Node) => boolean): boolean {
  if (isOwner(value)) return true;
  switch (value.type) {
    case 'NewExpression':
      return value.arguments.some((argument) => owns(argument, driver, isOwner));
    case 'CallExpression': {
      const { callee } = value;
      const fact = driver.connection[methodOf(value) ?? ''];
      const makes = fact !== undefined && ['prepare', 'iterate', 'transaction function', 'self'].includes(fact.does);
      return makes && callee.type === 'MemberExpression' && owns(callee.object, driver, isOwner);
    }
    case 'AwaitExpression':
      return owns(value.argument, driver, isOwner);
    case 'ObjectExpression':
    case 'ArrayExpression':
    case 'Property':
    case 'ConditionalExpression':
    case 'LogicalExpression':
    case 'TSAsExpression':
    case 'TSNonNullExpression':
    case 'TSSatisfiesExpression':
      return childrenOf(value).some((child) => owns(child, driver, isOwner));
    default:
      return false;
  }
}

/** Whether a place belongs to what comes behind the opening of a connection, or to the opening itself. */
function isWithin({ range }: Node, { variable, behind, following }: Handle): boolean {
  const first = behind ?? following[0];
  const last = following.at(-1) ?? behind;
  if (variable?.identifiers.some((identifier) => identifier.range === range)) return true;
  return first !== undefined && last !== null && range[0] >= first.range[0] && range[1] <= last.range[1];
}

function valueGiven(node: Node): { readonly target: Node; readonly value: Node } | null {
  if (node.type === 'VariableDeclarator' && node.init) return { target: node.id, value: node.init };
  if (node.type === 'AssignmentExpression') return { target: node.left, value: node.right };
  return null;
}

/** Whether a value needs the connection: the handle, a statement, a promise of rows, a function that uses it. */
export function holds(node: Node, driver: Driver, isHolder: (node: Node) => boolean): boolean {
  if (isHolder(node)) return true;
  if (node.type === 'AwaitExpression') {
    const { argument } = node;
    return isPlainCall(argument, driver) ? false : holds(argument, driver, isHolder);
  }
  if (node.type === 'CallExpression' && driver.synchronous && isPlainCall(node, driver)) return false;
  return childrenOf(node).some((child) => holds(child, driver, isHolder));
}

/** A call whose answer is data: rows, a number of changes, nothing. */
function isPlainCall(node: Node, driver: Driver): boolean {
  const name = methodOf(node);
  if (name === null) return false;
  const facts = [driver.connection[name], driver.statement[name]];
  return facts.some((fact) => fact && ['execute', 'run', 'pragma', 'close', 'batch'].includes(fact.does));
}
