// The query of every grammar, as text. Imported by the index's worker; a main thread has no use for them.
import type { GrammarName } from "./language.ts";
import bash from "./queries/bash.scm";
import csharp from "./queries/c-sharp.scm";
import cpp from "./queries/cpp.scm";
import css from "./queries/css.scm";
import go from "./queries/go.scm";
import java from "./queries/java.scm";
import javascript from "./queries/javascript.scm";
import php from "./queries/php.scm";
import python from "./queries/python.scm";
import ruby from "./queries/ruby.scm";
import rust from "./queries/rust.scm";
import tsx from "./queries/tsx.scm";
import typescript from "./queries/typescript.scm";

export const queries: Readonly<Record<GrammarName, string>> = { bash, "c-sharp": csharp, cpp, css, go, java, javascript, php, python, ruby, rust, tsx, typescript };
