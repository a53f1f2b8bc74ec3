import { childrenOf, isFunction, type Node } from '../analysis/javascript/syntax.ts';

/** Objects of the language whose functions touch nothing but what they are given. */
const PURE_OBJECTS = new Set(['console', 'JSON', 'Math', 'Number', 'Object', 'Array', 'String', 'Boolean', 'Date']);
const PURE_FUNCTIONS = new Set(['String', 'Number', 'Boolean', 'BigInt', 'Symbol', 'parseInt', 'parseFloat']);
const PURE_CLASSES = new Set(['Map', 'Set', 'Date', 'Array', 'Object', 'Error', 'TypeError', 'RangeError', 'URL']);

/** Methods of arrays, maps, texts and dates, by names that hardly anything else has. */
const PURE_METHODS = new Set(
  `map filter find findIndex findLast some every reduce flatMap flat slice concat join includes indexOf at keys values
   entries has trim split replace replaceAll startsWith endsWith toUpperCase toLowerCase padStart padEnd toFixed
   toISOString toString toSorted toReversed localeCompare substring forEach push unshift pop shift reverse sort fill set
   add match matchAll repeat charCodeAt decode encode toJSON`.split(/\s+/),
);

/** Whether code could as well run before a connection closes as behind it: it is over at once, and touches nothing outside. */
export function isHarmless(node: Node | null | undefined): boolean {
  if (!node) return true;
  switch (node.type) {
    case 'AwaitExpression':
    case 'YieldExpression':
    case 'ForOfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'TaggedTemplateExpression':
    case 'ImportExpression':
      return false;
    case 'CallExpression':
      return isPureCall(node.callee) && node.arguments.every((argument) => isHarmless(argument));
    case 'NewExpression':
      return (
        node.callee.type === 'Identifier' &&
        (PURE_CLASSES.has(node.callee.name) || node.callee.name.endsWith('Error')) &&
        node.arguments.every((argument) => isHarmless(argument))
      );
    default:
      return isFunction(node)
        ? !('async' in node && node.async) && childrenOf(node).every(isHarmless)
        : childrenOf(node).every(isHarmless);
  }
}

function isPureCall(callee: Node): boolean {
  if (callee.type === 'Identifier') return PURE_FUNCTIONS.has(callee.name);
  if (callee.type !== 'MemberExpression' || callee.computed || callee.property.type !== 'Identifier') return false;
  const { object, property } = callee;
  if (object.type === 'Identifier' && PURE_OBJECTS.has(object.name)) return true;
  return PURE_METHODS.has(property.name) && isHarmless(object);
}
