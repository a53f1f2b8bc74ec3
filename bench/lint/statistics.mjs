export function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

export function mean(numbers) {
  return sum(numbers) / numbers.length;
}

/** The number below which the given share of all lies, between 0 and 1. */
export function quantile(numbers, share) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** The median of each position over several rows of equal length. */
export function medians(rows) {
  return rows[0].map((_, index) =>
    quantile(
      rows.map((row) => row[index]),
      0.5,
    ),
  );
}
