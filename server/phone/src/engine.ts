/**
 * Reaches the form engine inside <OdkWebForm>, which offers no public way to set the language, to
 * ask what is still wrong or to read an unfinished form. The engine's root node is the `form` property of the component's header;
 * this holds for @getodk/web-forms 0.22.0, so that version is pinned and a browser test guards it.
 */
import type { ComponentPublicInstance, VNode } from "vue";

export interface EngineLanguage {
  readonly language: string;
  readonly isSyntheticDefault?: boolean;
}

export interface EngineRoot {
  readonly languages: readonly EngineLanguage[];
  readonly validationState: { readonly violations: readonly { readonly nodeId: string }[] };
  /** The answers so far; reading it validates nothing and marks nothing as wrong. */
  readonly instanceState: { readonly instanceXML: string };
  setLanguage(language: EngineLanguage): unknown;
}

function isRoot(value: unknown): value is EngineRoot {
  return typeof value === "object" && value !== null && "setLanguage" in value && "validationState" in value;
}

function search(node: VNode): EngineRoot | null {
  const form: unknown = node.props?.["form"];
  if (isRoot(form)) return form;
  const below: unknown[] = Array.isArray(node.children) ? [...node.children] : [];
  if (node.component?.subTree) below.push(node.component.subTree);
  for (const child of below) {
    const found = typeof child === "object" && child !== null && "type" in child ? search(child as VNode) : null;
    if (found) return found;
  }
  return null;
}

/** The engine's root node, or null while the form is still loading. */
export function engineRoot(component: ComponentPublicInstance | null): EngineRoot | null {
  const tree = component?.$.subTree;
  return tree ? search(tree) : null;
}

/** "hi" of a language named "Hindi (hi)", the XLSForm way of naming languages. */
export function languageCode(language: EngineLanguage): string {
  return /\(([A-Za-z-]+)\)\s*$/.exec(language.language)?.[1] ?? language.language;
}
