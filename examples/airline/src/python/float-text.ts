/** How Python writes and rounds floats. Both languages print the shortest digits that read back; they differ in the form. */

const firstExponentWritten = 16;
const lastPlainExponent = -4;

/** `repr(float)`: `5.0`, `0.1`, `1e+16`, `1e-05`, `inf`, `nan`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  if (!Number.isFinite(value)) return `${sign}inf`;
  const [mantissa = '', exponentText = ''] = Math.abs(value).toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < lastPlainExponent || exponent >= firstExponentWritten) {
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const digits = mantissa.replace('.', '');
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}

/** Of a number of eighths, which is the only way to lie exactly between two hundredths: the even one of the two. */
const hundredthsOfEighths = new Map([
  [1, '12'],
  [3, '38'],
  [5, '62'],
  [7, '88'],
]);

/** `round(value, 2)`: the exact binary value to the nearest hundredth, ties to the even one, where `toFixed` goes upwards. */
export function roundToHundredths(value: number): number {
  const magnitude = Math.abs(value);
  const hasNoFraction = !(magnitude < 2 ** 53);
  if (hasNoFraction || value === 0) return value;
  const whole = Math.floor(magnitude);
  const tie = hundredthsOfEighths.get((magnitude - whole) * 8);
  return tie === undefined ? Number(value.toFixed(2)) : Math.sign(value) * Number(`${whole}.${tie}`);
}
