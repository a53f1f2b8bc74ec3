import type { ClassIR, Variable } from './ir.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Layer } from '../drivers/layer.ts';

/** What a type annotation says, as far as syntax tells, or what callers tell of a parameter that has none. */
export type TypeInfo =
  /** A type, class or function that a package exports. */
  | {
      readonly kind: 'external';
      readonly module: string;
      readonly path: readonly string[];
      /** The type argument at a position as text, where it is a literal. */
      argument(index: number): string | null;
    }
  | { readonly kind: 'class'; readonly cls: ClassIR }
  /** A connection of a driver. */
  | { readonly kind: 'handle'; readonly driver: Driver }
  | { readonly kind: 'layer'; readonly layer: Layer }
  /** An interface or object type; `member` is null for what it does not name. */
  | { readonly kind: 'object'; member(name: string): TypeInfo | null }
  /** `typeof variable.path` */
  | { readonly kind: 'value'; readonly variable: Variable; readonly path: readonly string[] }
  | { readonly kind: 'function'; returns(): TypeInfo | null }
  | { readonly kind: 'promise'; readonly of: TypeInfo }
  | { readonly kind: 'list'; readonly of: TypeInfo }
  | { readonly kind: 'union'; readonly of: readonly TypeInfo[] }
  /** One of the two, or null or undefined. */
  | { readonly kind: 'nullable'; readonly of: TypeInfo };

/** What a type says of a member. */
export function memberType(info: TypeInfo, name: string): TypeInfo | null {
  if (info.kind === 'nullable') return memberType(info.of, name);
  if (info.kind === 'union') return info.of[0] ? memberType(info.of[0], name) : null;
  if (info.kind === 'object') return info.member(name);
  return null;
}
