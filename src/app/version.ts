// What this build is: set by the bundler, told apart from a checkout that runs from its sources.

export const version: string = typeof AURA_VERSION === "string" ? AURA_VERSION : "0.0.0-source";
/** Changes with every change of the sources: two processes of one build understand each other. */
export const build: string = typeof AURA_BUILD === "string" ? AURA_BUILD : "source";
