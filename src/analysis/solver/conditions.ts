import { FALSE, isNullish, possibleTexts, primitive, text, TRUE, truthOf, UNKNOWN, type Value } from './values.ts';
import type { Solver } from './solver.ts';
import type { State } from './state.ts';

/** The states in which a condition holds and in which it does not. */
export function split(condition: Value, state: State): [State | null, State | null] {
  const truth = truthOf(condition);
  if (truth !== undefined) return truth ? [state, null] : [null, state];
  const yes = state;
  const no = state.fork();
  if (condition.kind === 'symbol') {
    yes.facts.set(condition.key, 'truthy');
    no.facts.set(condition.key, 'falsy');
  } else if (condition.kind === 'test') {
    const holds = condition.negated ? no : yes;
    const fails = condition.negated ? yes : no;
    holds.facts.set(condition.key, condition.about === 'truthy' ? 'truthy' : 'nullish');
    fails.facts.set(condition.key, condition.about === 'truthy' ? 'falsy' : 'present');
  }
  return [yes, no];
}

/** Whether a value is null or undefined. */
export function nullishness(state: State, value: Value): Value {
  switch (value.kind) {
    case 'primitive':
      return isNullish(value) ? TRUE : FALSE;
    case 'symbol': {
      const fact = state.facts.get(value.key);
      if (fact === 'nullish') return TRUE;
      if (fact === 'present' || fact === 'truthy') return FALSE;
      return { kind: 'test', key: value.key, about: 'nullish', negated: false };
    }
    case 'unknown':
    case 'falsy':
    case 'external':
    case 'imported':
    case 'derived':
    case 'work':
    case 'global':
      return UNKNOWN;
    case 'ref':
      return value.nullable ? UNKNOWN : FALSE;
    case 'choice': {
      const answers = value.options.map((option) => nullishness(state, option));
      const [answer = UNKNOWN] = answers;
      return answers.every((other) => other === answer) ? answer : UNKNOWN;
    }
    default:
      return FALSE;
  }
}

/** Whether two values are equal. */
export function equals(solver: Solver, state: State, left: Value, right: Value, loose: boolean): Value {
  if (isNullish(right)) return equalsNullish(state, left, right, loose);
  if (isNullish(left)) return equalsNullish(state, right, left, loose);
  if (left.kind === 'primitive' && right.kind === 'primitive') return primitive(left.value === right.value);
  const a = possibleTexts(left);
  const b = possibleTexts(right);
  if (a && b && !a.some((name) => b.includes(name))) return FALSE;
  if (a?.length === 1 && b?.length === 1) return TRUE;
  if (left.kind === 'ref' && right.kind === 'ref' && left.id === right.id)
    return left.nullable || right.nullable ? UNKNOWN : TRUE;
  // What has not left the function is not what comes from elsewhere.
  return isOwned(solver, state, left) || isOwned(solver, state, right) ? FALSE : UNKNOWN;
}

function equalsNullish(state: State, value: Value, nullish: Value, loose: boolean): Value {
  const answer = nullishness(state, value);
  if (loose || answer !== TRUE) return answer;
  // `=== null` does not hold for undefined, nor the other way round; what is known to be one of them may be either.
  if (value.kind !== 'primitive' || nullish.kind !== 'primitive' || value.missing || nullish.missing) return UNKNOWN;
  return primitive(value.value === nullish.value);
}

function isOwned(solver: Solver, state: State, value: Value): boolean {
  const object = solver.read(state, value);
  return object?.type === 'connection' && object.ownership === 'owned';
}

/** A condition the other way round. */
export function negate(value: Value): Value {
  const truth = truthOf(value);
  if (truth !== undefined) return truth ? FALSE : TRUE;
  if (value.kind === 'symbol') return { kind: 'test', key: value.key, about: 'truthy', negated: true };
  if (value.kind === 'test') return { ...value, negated: !value.negated };
  return UNKNOWN;
}

/** What `typeof` tells. */
export function typeName(value: Value): Value {
  switch (value.kind) {
    case 'text':
      return text(['string']);
    case 'primitive':
      return value.missing ? UNKNOWN : text([value.value === null ? 'object' : typeof value.value]);
    case 'function':
    case 'class':
    case 'method':
    case 'settle':
      return text(['function']);
    case 'ref':
      return value.nullable ? UNKNOWN : text(['object']);
    default:
      return UNKNOWN;
  }
}
