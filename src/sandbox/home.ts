// What of the home folder a command may see: toolchains, by name, read-only; and the environment it gets. Tables and pure functions.
import { dirname, isAbsolute, join, resolve } from "node:path";
import { within } from "./policy.ts";

/**
 * Folders and files of the home folder that are shown inside, read-only. Chosen so that none holds credentials: a folder
 * that mixes both is listed by its harmless parts.
 */
export const toolchains: readonly string[] = [
  ".cargo/bin",
  ".cargo/config",
  ".cargo/config.toml",
  ".cargo/env",
  ".cargo/git/db",
  ".cargo/registry/cache",
  ".cargo/registry/index",
  ".rustup",
  "go/bin",
  "go/pkg",
  "sdk",
  ".goenv",
  ".g/go",
  ".nvm",
  ".config/nvm/versions",
  ".config/yarn/global",
  ".config/composer/vendor",
  ".nodenv",
  ".fnm",
  ".volta",
  "n",
  ".n",
  ".npm-global",
  ".npm-packages",
  ".yarn/berry/cache",
  ".yarn/releases",
  ".bun/bin",
  ".bun/install",
  ".deno",
  ".corepack",
  ".pyenv",
  ".rye/shims",
  ".rye/py",
  ".rye/tools",
  ".pixi/bin",
  ".pixi/envs",
  "miniconda3",
  "miniforge3",
  "mambaforge",
  "anaconda3",
  ".rbenv",
  ".rvm",
  ".rubies",
  ".gem/ruby",
  ".asdf",
  ".sdkman",
  ".jenv",
  ".jbang/bin",
  ".jdks",
  ".m2/repository",
  ".m2/wrapper",
  ".gradle/wrapper",
  ".gradle/jdks",
  ".dotnet",
  ".nuget/packages",
  ".opam",
  ".ghcup",
  ".cabal/bin",
  ".cabal/packages",
  ".cabal/store",
  ".stack/programs",
  ".stack/snapshots",
  ".elan",
  ".juliaup",
  ".mix/archives",
  ".mix/elixir",
  ".mix/escripts",
  ".nimble",
  ".choosenim",
  ".swiftly",
  ".wasmtime",
  ".foundry/bin",
  ".local/bin",
  ".local/lib",
  ".local/pipx",
  ".local/share/fnm",
  ".local/share/mise/installs",
  ".local/share/mise/shims",
  ".local/share/pipx",
  ".local/share/pnpm",
  ".local/share/rtx/installs",
  ".local/share/swiftly",
  ".local/share/uv/python",
  ".local/share/uv/tools",
  ".local/share/virtualenvs",
  ".cache/node/corepack",
  ".cache/pypoetry/virtualenvs",
  ".cache/ms-playwright",
  ".cache/puppeteer",
];
/** Settings that builds need but that may hold a token; shown only when they don't seem to. */
export const maySpeakOfSecrets: readonly string[] = [".cargo/config", ".cargo/config.toml"];
/** Written by builds as a matter of course: private to the project, kept between commands. Path in the home -> name in the cache. */
export const privateFolders: readonly [home: string, cache: string][] = [
  [".cache", "cache"],
  [".cargo/git/checkouts", "cargo-checkouts"],
  [".cargo/registry/src", "cargo-src"],
  [".gradle", "gradle"],
];
/** Never shown, not even when PATH points there. */
const neverShown = [".ssh", ".aws", ".gnupg", ".config", ".kube", ".docker", ".azure", ".password-store", ".mozilla", ".thunderbird"];
const folderVariables =
  "GOROOT RUSTUP_HOME NVM_DIR NVM_BIN VOLTA_HOME FNM_MULTISHELL_PATH PNPM_HOME VIRTUAL_ENV CONDA_PREFIX PYENV_ROOT RBENV_ROOT GEM_HOME JAVA_HOME DOTNET_ROOT ANDROID_HOME".split(
    " ",
  );
/** Folders inside the home that the client's environment points to: where its programs and toolchains are, when the table doesn't name them. */
export function pointedAt(home: string, env: Readonly<Record<string, string>>): string[] {
  const programs = (env.PATH ?? "").split(":").filter((folder) => /\/(s?bin|shims|scripts)\/?$/i.test(folder));
  // A program folder's libraries lie beside it: python and npm are nothing without theirs.
  const beside = programs
    .map((folder) => dirname(resolve(folder)))
    .flatMap((above) => (above === home || above === join(home, ".local") ? [] : ["lib", "lib64", "libexec", "include"].map((name) => join(above, name))));
  const named = folderVariables.flatMap((name) => env[name] ?? []);
  const modules = (env.GOPATH ?? "").split(":").flatMap((folder) => (isAbsolute(folder) ? [join(folder, "pkg/mod")] : []));
  const secret = neverShown.map((name) => join(home, name));
  return [...new Set([...programs, ...beside, ...named, ...modules].map((folder) => resolve(folder)))].filter(
    (folder) => folder !== home && within(home, folder) && !secret.some((path) => within(path, folder) || within(folder, path)),
  );
}

const names = new Set(
  `PATH HOME USER LOGNAME SHELL LANG LANGUAGE TZ COLUMNS LINES
  GOPATH GOROOT GOFLAGS GOOS GOARCH GOARM GOAMD64 GOEXPERIMENT GOMAXPROCS GOWORK GO111MODULE GOTOOLCHAIN CGO_ENABLED CGO_CFLAGS CGO_LDFLAGS
  RUSTUP_HOME RUSTUP_TOOLCHAIN RUSTFLAGS RUSTDOCFLAGS RUST_BACKTRACE RUST_LOG RUST_TEST_THREADS CARGO_BUILD_JOBS CARGO_BUILD_TARGET CARGO_INCREMENTAL CARGO_TARGET_DIR CARGO_PROFILE_DEV_DEBUG
  NODE_ENV NODE_OPTIONS NODE_PATH NVM_DIR NVM_BIN NVM_INC VOLTA_HOME FNM_DIR FNM_MULTISHELL_PATH PNPM_HOME BUN_INSTALL DENO_DIR COREPACK_HOME
  VIRTUAL_ENV CONDA_PREFIX CONDA_DEFAULT_ENV PYENV_ROOT PYENV_VERSION PYTHONPATH PYTHONHASHSEED PYTHONUTF8 PYTHONWARNINGS PYTEST_ADDOPTS DJANGO_SETTINGS_MODULE
  RBENV_ROOT RBENV_VERSION GEM_HOME GEM_PATH RUBYLIB RAILS_ENV RACK_ENV BUNDLE_GEMFILE BUNDLE_PATH ASDF_DIR ASDF_DATA_DIR MISE_DATA_DIR SDKMAN_DIR
  JAVA_HOME JDK_HOME JAVA_OPTS MAVEN_HOME M2_HOME MAVEN_OPTS GRADLE_HOME GRADLE_OPTS ANDROID_HOME ANDROID_SDK_ROOT KOTLIN_HOME SCALA_HOME
  DOTNET_ROOT DOTNET_CLI_TELEMETRY_OPTOUT MIX_ENV ERL_FLAGS ERL_AFLAGS GHCUP_INSTALL_BASE_PREFIX OPAM_SWITCH_PREFIX OCAML_TOPLEVEL_PATH CAML_LD_LIBRARY_PATH JULIA_DEPOT_PATH
  CC CXX CPP LD AR CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LIBRARY_PATH LD_LIBRARY_PATH PKG_CONFIG_PATH MAKEFLAGS MAKELEVEL CMAKE_PREFIX_PATH CMAKE_GENERATOR
  NIX_PATH NIX_PROFILES NIX_SSL_CERT_FILE SSL_CERT_FILE SSL_CERT_DIR LOCALE_ARCHIVE ACLOCAL_PATH XDG_DATA_DIRS SOURCE_DATE_EPOCH`.split(/\s+/),
);
const prefixes = ["LC_", "NIX_CFLAGS", "NIX_LDFLAGS", "NIX_CC", "NIX_BINTOOLS"];
/** The part of an environment that commands inside the sandbox may have: what toolchains need, nothing that opens a door or is a secret. */
export function allowedEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || (!names.has(name) && !prefixes.some((prefix) => name.startsWith(prefix)))) continue;
    if (/:\/\/[^/\s]*@/.test(value)) continue; // a user and password in an address
    if (name === "NODE_OPTIONS" && /(^|\s)(-r|--(require|import|(experimental-)?loader|inspect))/.test(value)) continue; // a debugger's hook, which isn't there inside
    kept[name] = value;
  }
  return kept;
}

/** Makes programs print what is easiest to read, ask nothing and wait for nobody. CI keeps watchers (vitest, jest) from waiting forever. */
export const plainEnv: Readonly<Record<string, string>> = {
  TERM: "xterm-256color",
  NO_COLOR: "1",
  CI: "1",
  PAGER: "cat",
  GIT_PAGER: "cat",
  MANPAGER: "cat",
  SYSTEMD_PAGER: "",
  GIT_TERMINAL_PROMPT: "0",
  GIT_EDITOR: "true",
  GIT_OPTIONAL_LOCKS: "0",
  DEBIAN_FRONTEND: "noninteractive",
  PYTHONUNBUFFERED: "1",
  CARGO_TERM_PROGRESS_WHEN: "never",
  npm_config_fund: "false",
  npm_config_audit: "false",
  npm_config_update_notifier: "false",
  PIP_DISABLE_PIP_VERSION_CHECK: "1",
  PIP_NO_INPUT: "1",
};

/**
 * The whole environment of a confined command. `home` is the home folder as it appears inside; caches of every toolchain
 * lie in it or under it, so builds work without network and leave nothing in the real one.
 */
export function insideEnv(client: Readonly<Record<string, string>>, home: string, hostHome: string | null): Record<string, string> {
  const kept = allowedEnv(client);
  const gopath = (kept.GOPATH ?? join(hostHome ?? home, "go")).split(":")[0] as string;
  return {
    ...kept,
    ...plainEnv,
    PATH: kept.PATH ?? "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
    HOME: home,
    TMPDIR: "/tmp",
    XDG_CACHE_HOME: join(home, ".cache"),
    GOCACHE: join(home, ".cache/go-build"),
    GOMODCACHE: join(home, ".cache/go-mod"),
    // What was downloaded before serves as the proxy: the module cache itself must be writable, the real one isn't.
    GOPROXY: isAbsolute(gopath) ? `file://${encodeURI(gopath)}/pkg/mod/cache/download` : "off",
    GOSUMDB: "off",
    GOFLAGS: `${kept.GOFLAGS ?? ""} -modcacherw`.trim(),
    GOTOOLCHAIN: kept.GOTOOLCHAIN ?? "local",
    GOTELEMETRY: "off",
    CARGO_NET_OFFLINE: "true",
    npm_config_cache: join(home, ".cache/npm"),
    npm_config_offline: "true", // also heard by pnpm and npx: an error at once instead of minutes of retries
    YARN_CACHE_FOLDER: join(home, ".cache/yarn"),
    PIP_CACHE_DIR: join(home, ".cache/pip"),
    PIP_RETRIES: "0",
    UV_OFFLINE: "1",
    PYTHONPYCACHEPREFIX: join(home, ".cache/pycache"),
    GRADLE_USER_HOME: join(home, ".gradle"),
    // Every file looks foreign where only one user is mapped; git inside would refuse to read the repository.
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "safe.directory",
    GIT_CONFIG_VALUE_0: "*",
  };
}
