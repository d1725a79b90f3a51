// All dialects, in the order in which they are tried where several begin alike. A new one: a file (or a row in one) and a line here.
import { bareJson, fenced } from "./bare.ts";
import type { Dialect } from "./dialect.ts";
import { gemmaDialects, gemmaObject } from "./gemma.ts";
import { glm } from "./glm.ts";
import { harmony, harmonyRest } from "./harmony.ts";
import { kimi3 } from "./kimi3.ts";
import { labelledDialects } from "./labelled.ts";
import { minimax } from "./minimax.ts";
import { namedDialects } from "./named.ts";
import { pythonicDialects } from "./pythonic.ts";
import { llamaCode, taggedDialects } from "./tagged.ts";
import { toolTags } from "./tooltags.ts";
import { xmlDialects } from "./xml.ts";

const marked: Dialect[] = [...taggedDialects, ...xmlDialects, glm, ...namedDialects, ...gemmaDialects, minimax, kimi3];

export const dialects: readonly Dialect[] = [...marked, ...pythonicDialects, llamaCode, harmony, harmonyRest, ...labelledDialects, toolTags, fenced(marked), bareJson, gemmaObject];
