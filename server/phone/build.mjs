/**
 * Builds every page asset of Aangan from the packages pinned in package-lock.json:
 *
 *   edge/kiosk/static/built/   htmx.min.js, fonts.css, fonts/*.woff2, icons.svg, NOTICE.txt
 *   server/web/static/built/   the same, and phone/: the supervisor's form app (app.js, app.css, chunks)
 *
 * Both folders are made anew on each run and are not in git. Run it with `npm run build`.
 */
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { copyFonts } from "./build-fonts.mjs";
import { iconSprite } from "./build-icons.mjs";

const HERE = dirname(fileURLToPath(import.meta.url));
const ROOT = join(HERE, "..", "..");
const MODULES = join(ROOT, "node_modules");
const KIOSK = join(ROOT, "edge", "kiosk", "static", "built");
const SERVER = join(ROOT, "server", "web", "static", "built");

/**
 * @getodk/web-forms carries 27 Roboto fonts as base64 (1 MB) that hold neither Devanagari nor Arabic
 * letters; the pages' own Noto fonts replace them.
 */
const withoutRoboto = {
  name: "without-roboto",
  setup(bundler) {
    bundler.onLoad({ filter: /@getodk[/\\]web-forms[/\\]dist[/\\]index\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const contents = source.replace(/@font-face\{font-family:Roboto;[^}]*\}/g, "");
      if (contents === source) throw new Error("@getodk/web-forms no longer inlines Roboto: drop this plug-in.");
      return { contents, loader: "js" };
    });
  },
};

async function buildPhone(outdir) {
  await build({
    entryPoints: { app: join(HERE, "src", "main.ts") },
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    target: ["chrome90", "firefox100", "safari15"],
    minify: true,
    legalComments: "linked",
    chunkNames: "chunk-[hash]",
    logLevel: "warning",
    define: {
      "process.env.NODE_ENV": '"production"',
      __VUE_OPTIONS_API__: "true",
      __VUE_PROD_DEVTOOLS__: "false",
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
    },
    plugins: [withoutRoboto],
  });
}

const PACKAGES_IN_PAGES = [
  "htmx.org", "lucide-static", "@fontsource/noto-sans", "@fontsource/noto-sans-devanagari", "@fontsource/noto-nastaliq-urdu",
];
const PACKAGES_IN_PHONE = ["@getodk/web-forms", "vue", "ol", "dompurify", "image-blob-reduce", "vue-draggable-plus", "@mdi/js"];

async function notice(packages) {
  const lines = await Promise.all(packages.map(async (name) => {
    const about = JSON.parse(await readFile(join(MODULES, name, "package.json"), "utf8"));
    return `${name} ${about.version}: ${about.license}`;
  }));
  return `Made from these packages, each under its own licence:\n\n${lines.join("\n")}\n`;
}

async function buildPages(target, packages) {
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await cp(join(MODULES, "htmx.org", "dist", "htmx.min.js"), join(target, "htmx.min.js"));
  await copyFonts(join(MODULES, "@fontsource"), target);
  await writeFile(join(target, "icons.svg"), await iconSprite(join(MODULES, "lucide-static", "icons")));
  await writeFile(join(target, "NOTICE.txt"), await notice(packages));
}

await buildPages(KIOSK, PACKAGES_IN_PAGES);
await buildPages(SERVER, [...PACKAGES_IN_PAGES, ...PACKAGES_IN_PHONE]);
await buildPhone(join(SERVER, "phone"));
