import { expect, test } from "vitest";

import { bytes, clock, millis, rate, seconds, short } from "../src/format";

test.each([
  [null, "–"], [0, "0"], [0.042, "0.042"], [0.25, "0.25"], [3.44, "3.4"], [3, "3"], [12.3, "12"], [999, "999"], [999.9, "1k"], [1234, "1.2k"], [3.4e6, "3.4M"],
])("short(%s) is %s", (value, text) => expect(short(value)).toBe(text));

test.each([[null, "–"], [0, "0 ms"], [0.004, "4 µs"], [0.42, "0.42 ms"], [3.4, "3.4 ms"], [120.4, "120 ms"], [1234, "1.2 s"], [75_000, "1 min 15 s"]])(
  "millis(%s) is %s",
  (value, text) => expect(millis(value)).toBe(text),
);

test.each([[0, "0 s"], [0.5, "500 ms"], [59.4, "59 s"], [60, "1 min"], [3599.9, "1 h"], [7260, "2 h 1 min"], [90_000, "1 d 1 h"]])(
  "seconds(%s) is %s",
  (value, text) => expect(seconds(value)).toBe(text),
);

test.each([[512, "512 B"], [12_000, "12 kB"], [3.4e6, "3.4 MB"], [16e9, "16 GB"], [null, "–"]])("bytes(%s) is %s", (value, text) =>
  expect(bytes(value)).toBe(text),
);

test("rates and times of day", () => {
  expect(rate(1200)).toBe("1.2k/s");
  expect(rate(null)).toBe("–");
  expect(clock(new Date(2026, 0, 2, 3, 4, 5).getTime() / 1000)).toBe("03:04:05");
});
