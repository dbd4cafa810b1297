/** Numbers, times and sizes as people read them. What is not known is an en dash, never 0. */

export const UNKNOWN = "–";

/** Few digits: 0.042, 0.25, 3.4, 12, 340, 1.2k, 3.4M. */
export function short(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const size = Math.abs(value);
  if (size === 0) return "0";
  for (const [unit, scale] of [["G", 1e9], ["M", 1e6], ["k", 1e3]] as const) {
    if (size >= scale * 0.9995) return digits(value / scale) + unit;
  }
  return digits(value);
}

function digits(value: number): string {
  const size = Math.abs(value);
  if (size >= 9.95) return value.toFixed(0);
  if (size >= 0.95) return value.toFixed(1).replace(/\.0$/, "");
  return String(Number(value.toPrecision(2)));
}

export function rate(perSecond: number | null | undefined): string {
  return perSecond === null || perSecond === undefined ? UNKNOWN : `${short(perSecond)}/s`;
}

/** A latency or duration given in milliseconds: 0.4 ms, 34 ms, 1.2 s, 2 min 5 s. */
export function millis(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return UNKNOWN;
  if (ms > 0 && ms < 0.0095) return `${digits(ms * 1000)} µs`;
  if (ms < 999.5) return `${digits(ms)} ms`;
  return seconds(ms / 1000);
}

/** A duration in seconds: 1.2 s, 45 s, 2 min 5 s, 3 h 4 min. */
export function seconds(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  if (value < 0.9995) return value <= 0 ? "0 s" : millis(value * 1000);
  if (value < 59.5) return `${digits(value)} s`;
  const whole = Math.round(value);
  if (whole < 3600) return two(Math.floor(whole / 60), "min", whole % 60, "s");
  if (whole < 86400) return two(Math.floor(whole / 3600), "h", Math.floor((whole % 3600) / 60), "min");
  return two(Math.floor(whole / 86400), "d", Math.floor((whole % 86400) / 3600), "h");
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small ? `${large} ${largeUnit} ${small} ${smallUnit}` : `${large} ${largeUnit}`;
}

/** 512 B, 12 kB, 3.4 MB, 16 GB (powers of 1000). */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  const units = ["B", "kB", "MB", "GB", "TB"];
  let scaled = value;
  let unit = 0;
  while (scaled >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? scaled : digits(scaled)} ${units[unit]}`;
}

/** Local time of day, HH:MM:SS, of Unix seconds; with milliseconds if asked for. */
export function clock(unix: number | null | undefined, withMillis = false): string {
  if (unix === null || unix === undefined || !Number.isFinite(unix)) return UNKNOWN;
  const at = new Date(unix * 1000);
  const parts = [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return parts.join(":") + (withMillis ? `.${String(at.getMilliseconds()).padStart(3, "0")}` : "");
}

/** "1 replica", "3 replicas". */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number} ${number === 1 ? singular : plural}`;
}
