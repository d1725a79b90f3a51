// Prose files are imported as text: the bundler and the test runner both inline them.
declare module "*.md" {
  const text: string;
  export default text;
}
declare const AURA_VERSION: string | undefined;
declare const AURA_BUILD: string | undefined;
