/**
 * A root of a negative number is complex in Python. No complex number becomes a result (`float` refuses it), but on the
 * way there its arithmetic can fail, and the failure is what the agent reads.
 */
import { floatText } from '../python/float-text.ts';
import { PythonException } from '../python/values.ts';
import type { Complex } from './operands.ts';

const wholeExponentMax = 100;
const one: Complex = { real: 1, imaginary: 0 };

export function addComplex(a: Complex, b: Complex): Complex {
  return { real: a.real + b.real, imaginary: a.imaginary + b.imaginary };
}

export function subtractComplex(a: Complex, b: Complex): Complex {
  return { real: a.real - b.real, imaginary: a.imaginary - b.imaginary };
}

export function multiplyComplex(a: Complex, b: Complex): Complex {
  return {
    real: a.real * b.real - a.imaginary * b.imaginary,
    imaginary: a.real * b.imaginary + a.imaginary * b.real,
  };
}

/** Smith's method, as in Python. */
export function divideComplex(a: Complex, b: Complex): Complex {
  const [realSize, imaginarySize] = [Math.abs(b.real), Math.abs(b.imaginary)];
  if (realSize === 0 && imaginarySize === 0) throw new PythonException('ZeroDivisionError', 'complex division by zero');
  if (realSize >= imaginarySize) {
    const ratio = b.imaginary / b.real;
    const divisor = b.real + b.imaginary * ratio;
    return { real: (a.real + a.imaginary * ratio) / divisor, imaginary: (a.imaginary - a.real * ratio) / divisor };
  }
  const ratio = b.real / b.imaginary;
  const divisor = b.real * ratio + b.imaginary;
  return { real: (a.real * ratio + a.imaginary) / divisor, imaginary: (a.imaginary * ratio - a.real) / divisor };
}

export function powerComplex(base: Complex, exponent: Complex): Complex {
  const isWhole = exponent.imaginary === 0 && Number.isInteger(exponent.real);
  const power = isWhole && Math.abs(exponent.real) <= wholeExponentMax ? wholePower(base, exponent.real) : polarPower(base, exponent);
  if (Math.abs(power.real) === Infinity || Math.abs(power.imaginary) === Infinity) {
    throw new PythonException('OverflowError', 'complex exponentiation');
  }
  return power;
}

function wholePower(base: Complex, exponent: number): Complex {
  let product = one;
  let square = base;
  for (let rest = Math.abs(exponent); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) product = multiplyComplex(product, square);
    square = multiplyComplex(square, square);
  }
  return exponent >= 0 ? product : divideComplex(one, product);
}

function polarPower(base: Complex, exponent: Complex): Complex {
  if (base.real === 0 && base.imaginary === 0) {
    if (exponent.imaginary === 0 && exponent.real >= 0) return base;
    throw new PythonException('ZeroDivisionError', '0.0 to a negative or complex power');
  }
  const size = Math.hypot(base.real, base.imaginary);
  const angle = Math.atan2(base.imaginary, base.real);
  const length = size ** exponent.real / Math.exp(angle * exponent.imaginary);
  const phase = angle * exponent.real + exponent.imaginary * Math.log(size);
  return { real: length * Math.cos(phase), imaginary: length * Math.sin(phase) };
}

/** `str(complex)`: `1j`, `(-2+0.5j)`. */
export function complexText({ real, imaginary }: Complex): string {
  const text = (value: number) => floatText(value).replace(/\.0$/, '');
  if (Object.is(real, 0)) return `${text(imaginary)}j`;
  return `(${text(real)}${imaginary < 0 || Object.is(imaginary, -0) ? '' : '+'}${text(imaginary)}j)`;
}
