import { expect, test } from "vitest";

import { alone } from "../src/dashboard/plot";

test("a value between gaps is drawn as a point", () => {
  expect(alone([null, 3, null, 4, 5, null, 6])).toEqual([1, 6]);
  expect(alone([1, 2, 3])).toBeNull();
  expect(alone([])).toBeNull();
});
