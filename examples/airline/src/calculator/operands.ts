/** What an expression of the calculator can evaluate to on the way: `()` and `...` are expressions of Python as well. */
export interface Complex {
  readonly real: number;
  readonly imaginary: number;
}

export type Operand = bigint | number | Complex | 'tuple' | 'ellipsis';
export type TypeName = 'int' | 'float' | 'complex' | 'tuple' | 'ellipsis';

export function operandType(operand: Operand): TypeName {
  if (typeof operand === 'string') return operand;
  if (typeof operand === 'object') return 'complex';
  return typeof operand === 'number' ? 'float' : 'int';
}
