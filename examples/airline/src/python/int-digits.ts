/** Python refuses to read longer ints, because the time for it grows with the square of their length. */
export const intDigitsMax = 4300;

export function tooManyDigits(digits: number): string {
  const advice = 'use sys.set_int_max_str_digits() to increase the limit';
  return `Exceeds the limit (${intDigitsMax} digits) for integer string conversion: value has ${digits} digits; ${advice}`;
}
