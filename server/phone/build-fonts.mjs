/** Copies the fonts of the three scripts, two weights each, and writes fonts.css for them. */
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const WEIGHTS = [400, 700];
const SUBSETS = [
  { font: "noto-sans", subset: "latin" },
  { font: "noto-sans-devanagari", subset: "devanagari" },
  { font: "noto-nastaliq-urdu", subset: "arabic" },
];

const FAMILIES = `:root {
  --font-sans: "Noto Sans", "Noto Sans Devanagari", sans-serif;
  --font-urdu: "Noto Nastaliq Urdu", "Noto Sans", serif;
}
`;

/** The @font-face rule that the package gives for one subset, with its unicode-range. */
function fontFace(css, name) {
  const start = css.indexOf(`/* ${name} */`);
  if (start < 0) throw new Error(`No ${name} in the font package.`);
  const rule = css.slice(start, css.indexOf("}", start) + 1);
  return rule.replace(/src:[^;]*;/, `src: url(fonts/${name}.woff2) format('woff2');`);
}

export async function copyFonts(packages, target) {
  await mkdir(join(target, "fonts"), { recursive: true });
  const rules = [];
  for (const { font, subset } of SUBSETS) {
    for (const weight of WEIGHTS) {
      const name = `${font}-${subset}-${weight}-normal`;
      await cp(join(packages, font, "files", `${name}.woff2`), join(target, "fonts", `${name}.woff2`));
      rules.push(fontFace(await readFile(join(packages, font, `${weight}.css`), "utf8"), name));
    }
  }
  await writeFile(join(target, "fonts.css"), `${rules.join("\n")}\n${FAMILIES}`);
}
