/** An expression in the order in which it is evaluated: operands before what is done with them. */
import type { Operand } from './operands.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '//' | '**';
export type UnaryOperator = '+' | '-';
/** `f()`, `f(x)`, `f(*x)`, `f(**x)`: without commas there are no others. */
export type CallForm = 'empty' | 'single' | 'iterable' | 'mapping';

export type Instruction =
  | { readonly type: 'push'; readonly operand: Operand }
  | { readonly type: 'unary'; readonly operator: UnaryOperator }
  | { readonly type: 'binary'; readonly operator: BinaryOperator }
  | { readonly type: 'call'; readonly form: CallForm };
