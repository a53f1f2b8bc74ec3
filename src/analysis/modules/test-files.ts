/** Path patterns of test files, relative to the project. */
const TEST_PATH =
  /(?:^|[\\/])(?:__tests__|__mocks__|tests?|specs?|e2e|fixtures)[\\/]|[._-](?:test|spec|e2e)\.[cm]?[jt]sx?$/i;
/** Packages and modules that only tests import. */
const TEST_IMPORT =
  /\b(?:from|require\()\s*["'](?:vitest|@jest\/globals|node:test|bun:test|mocha|ava|tap|tape|uvu|@playwright\/test|jest)["']/;

/** Whether a source is a test, which holds handles for as long as it likes and sets them up as it likes. */
export function isTestSource(relativePath: string, text: string): boolean {
  return TEST_PATH.test(relativePath) || TEST_IMPORT.test(text);
}
