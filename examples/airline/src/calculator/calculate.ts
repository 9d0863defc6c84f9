/** The benchmark's calculator: Python's `str(round(float(eval(expression)), 2))` for expressions of arithmetic. */
import { floatText, roundToHundredths } from '../python/float-text.ts';
import { iterate } from '../python/operations.ts';
import { intToFloat, PythonException, typeName, type PythonValue } from '../python/values.ts';
import { applyBinary, applyUnary } from './arithmetic.ts';
import { complexText } from './complex.ts';
import { operandType, type Operand } from './operands.ts';
import type { CallForm, Instruction } from './program.ts';
import { parseExpression } from './syntax.ts';

const charactersAllowed = '0123456789+-*/(). ';

/** Throws what Python would raise. */
export function calculate(expression: PythonValue): string {
  for (const character of iterate(expression)) {
    if (typeof character !== 'string') throw typeError(`'in <string>' requires string as left operand, not ${typeName(character)}`);
    if (!charactersAllowed.includes(character)) return 'Error: invalid characters in expression';
  }
  if (typeof expression !== 'string') throw typeError('eval() arg 1 must be a string, bytes or code object');
  return floatText(roundToHundredths(toResult(evaluate(parseExpression(expression)))));
}

function evaluate(program: readonly Instruction[]): Operand {
  const stack: Operand[] = [];
  const pop = (): Operand => {
    const operand = stack.pop();
    if (operand === undefined) throw new Error('The program of an expression has fewer operands than its operators need.');
    return operand;
  };
  for (const instruction of program) {
    switch (instruction.type) {
      case 'push':
        stack.push(instruction.operand);
        break;
      case 'unary':
        stack.push(applyUnary(instruction.operator, pop()));
        break;
      case 'binary': {
        const right = pop();
        stack.push(applyBinary(instruction.operator, pop(), right));
        break;
      }
      case 'call': {
        const argument = instruction.form === 'empty' ? 'tuple' : pop();
        throw callError(pop(), instruction.form, argument);
      }
    }
  }
  return pop();
}

/** Nothing here can be called: what remains is which message comes first. */
function callError(callee: Operand, form: CallForm, argument: Operand): PythonException {
  const found = operandType(argument);
  if (form === 'mapping') return typeError(`${operandText(callee)} argument after ** must be a mapping, not ${found}`);
  if (form === 'iterable' && argument !== 'tuple') {
    return typeError(`${operandText(callee)} argument after * must be an iterable, not ${found}`);
  }
  return typeError(`'${operandType(callee)}' object is not callable`);
}

function operandText(operand: Operand): string {
  if (typeof operand === 'string') return operand === 'tuple' ? '()' : 'Ellipsis';
  if (typeof operand === 'object') return complexText(operand);
  return typeof operand === 'number' ? floatText(operand) : operand.toString();
}

function toResult(operand: Operand): number {
  if (typeof operand === 'number') return operand;
  if (typeof operand === 'bigint') return intToFloat(operand);
  throw typeError(`float() argument must be a string or a real number, not '${operandType(operand)}'`);
}

function typeError(message: string): PythonException {
  return new PythonException('TypeError', message);
}
