/**
 * The phone shell around <OdkWebForm>: language, sections with Back and Next, Send, and what to do
 * when sending fails. Answers live in the component, and as a draft on the phone until the server has them.
 */
import { OdkWebForm, type EditInstance, type InstancePayload } from "@getodk/web-forms";
import { computed, defineComponent, h, nextTick, onBeforeUnmount, onMounted, ref, shallowRef, watch } from "vue";
import type { ComponentPublicInstance } from "vue";
import { draftKey, dropDraft, findDraft, keepDraft, underFirstId } from "./drafts";
import { engineRoot, languageCode, type EngineRoot } from "./engine";
import { translateEngineWords } from "./engine-words";
import { firstError, sections, sectionTitle, showSection } from "./pages";
import { finished, freshToken, send, type Sending } from "./send";
import { direction, LANGUAGE_NAMES, say, type Word } from "./words";

export interface ShellSettings {
  formUrl: string;
  submitUrl: string;
  doneUrl: string;
  csrf: string;
  language: string;
}

const MOMENT_MS = 300;

const noAttachments = (): Promise<Response> => Promise.resolve(new Response(null, { status: 404 }));

const resume = (draft: string): EditInstance => ({
  resolveInstance: () => draft, attachmentFileNames: [], resolveAttachment: noAttachments,
});

export function shell(settings: ShellSettings) {
  return defineComponent(() => {
    const host = ref<HTMLElement | null>(null);
    const form = ref<ComponentPublicInstance | null>(null);
    const xml = ref("");
    const loadFailed = ref(false);
    const engine = shallowRef<EngineRoot | null>(null);
    const language = ref(settings.language);
    const page = ref(0);
    const titles = ref<string[]>([]);
    const sending = ref(false);
    const problem = ref("");
    const kept = ref(false);
    const tried = ref(false); // after a first Send, Send stays at hand in every section
    const key = draftKey(settings.submitUrl);
    const draft = findDraft(key);
    const safe = ref(true); // what was answered so far is on the phone
    let sent = false;
    let pause = 0;
    let token = settings.csrf;

    const word = (name: Word, values?: Record<string, string | number>): string => say(name, language.value, values);
    const last = computed(() => page.value >= titles.value.length - 1);

    async function load(): Promise<void> {
      loadFailed.value = false;
      try {
        const response = await fetch(settings.formUrl, { credentials: "same-origin" });
        if (!response.ok) throw new Error(`form: ${response.status}`);
        xml.value = await response.text();
      } catch (error) {
        console.warn(error);
        loadFailed.value = true;
      }
    }

    function applyLanguage(): void {
      document.documentElement.lang = language.value;
      document.documentElement.dir = direction(language.value);
      const root = engine.value;
      const wanted = root?.languages.find((one) => languageCode(one) === language.value);
      if (root && wanted) root.setLanguage(wanted);
      translateEngineWords(language.value);
    }

    /** Put the answers so far on the phone, now. */
    function keep(): void {
      window.clearTimeout(pause);
      pause = 0;
      if (!engine.value || sent) return;
      safe.value = keepDraft(key, underFirstId(engine.value.instanceState.instanceXML));
    }

    /** The same within a moment, however fast the hand. */
    function keepSoon(): void {
      pause ||= window.setTimeout(keep, MOMENT_MS);
    }

    /** Read the sections off the page again, after the form has drawn or changed them. */
    function refresh(): void {
      const first = engine.value === null;
      engine.value ??= engineRoot(form.value);
      if (first && engine.value) applyLanguage();
      if (!host.value) return;
      const all = sections(host.value);
      page.value = Math.max(0, Math.min(page.value, all.length - 1));
      showSection(all, page.value);
      const now = all.map(sectionTitle);
      if (now.join("\n") !== titles.value.join("\n")) titles.value = now;
      translateEngineWords(language.value);
      keepSoon();
    }

    async function open(index: number): Promise<void> {
      page.value = index;
      problem.value = "";
      refresh();
      await nextTick();
      window.scrollTo({ top: 0 });
    }

    async function finish(): Promise<void> {
      const missing = engine.value?.validationState.violations.length ?? 0;
      problem.value = "";
      kept.value = false;
      tried.value = true;
      host.value?.querySelector<HTMLButtonElement>(".odk-form .footer button")?.click();
      if (missing === 0) return; // the click emits "submit"; transmit() goes on from there
      await nextTick();
      const wrong = host.value ? firstError(sections(host.value)) : null;
      if (wrong) await open(wrong.index);
      problem.value = word("missing", { n: missing });
      wrong?.question.scrollIntoView({ block: "center" });
    }

    async function transmit(payload: InstancePayload): Promise<void> {
      if (sending.value) return;
      sending.value = true;
      keep();
      const data = await finished(payload);
      if (!data) {
        sending.value = false;
        return;
      }
      const outcome = await sendWithToken(data);
      sending.value = false;
      if (outcome.kind === "sent") {
        sent = true;
        window.clearTimeout(pause);
        dropDraft(key);
        problem.value = "";
        window.location.assign(settings.doneUrl);
        return;
      }
      kept.value = true;
      problem.value = whyNot(outcome);
    }

    /** Send; where the session is another one by now, once more with its token. */
    async function sendWithToken(data: FormData): Promise<Sending> {
      const outcome = await send(data, settings.submitUrl, token);
      if (outcome.kind !== "staleToken") return outcome;
      token = await freshToken();
      return token ? send(data, settings.submitUrl, token) : { kind: "loginAgain" };
    }

    function whyNot(outcome: Exclude<Sending, { kind: "sent" }>): string {
      if (outcome.kind === "staleToken") return word("loginAgain");
      if (outcome.kind !== "refused") return word(outcome.kind);
      return outcome.detail || word("refused", { n: outcome.status });
    }

    const warn = (event: BeforeUnloadEvent): void => {
      keep();
      if (!safe.value) event.preventDefault();
    };
    const watcher = new MutationObserver(refresh);

    onMounted(async () => {
      window.addEventListener("beforeunload", warn);
      window.addEventListener("pagehide", keep);
      document.addEventListener("visibilitychange", keep);
      applyLanguage();
      watcher.observe(document.body, { childList: true, subtree: true, characterData: true });
      await load();
    });
    onBeforeUnmount(() => {
      window.removeEventListener("beforeunload", warn);
      window.removeEventListener("pagehide", keep);
      document.removeEventListener("visibilitychange", keep);
      watcher.disconnect();
    });
    watch(language, applyLanguage);

    const languageSwitch = () =>
      h("div", { class: "ap-languages", role: "group", "aria-label": word("language") },
        (engine.value?.languages ?? []).filter((one) => !one.isSyntheticDefault).map((one) => {
          const code = languageCode(one);
          return h("button", {
            type: "button", lang: code, "aria-pressed": code === language.value,
            onClick: () => { language.value = code; },
          }, LANGUAGE_NAMES[code] ?? one.language);
        }));

    const header = () =>
      h("header", { class: "ap-header" }, [
        languageSwitch(),
        h("div", { class: "ap-section" }, [
          h("span", { class: "ap-count", dir: "ltr", title: word("page", { n: page.value + 1, total: titles.value.length }) },
            `${page.value + 1}/${titles.value.length}`),
          h("h1", titles.value[page.value] ?? ""),
        ]),
        h("progress", { max: titles.value.length, value: page.value + 1, "aria-hidden": "true" }),
      ]);

    const footer = () =>
      h("footer", { class: "ap-footer" }, [
        problem.value
          ? h("div", { class: "ap-problem", role: "alert" }, [
              h("p", problem.value),
              kept.value && safe.value ? h("p", word("kept")) : null,
            ])
          : null,
        safe.value ? null : h("div", { class: "ap-problem", role: "status" }, [h("p", word("stay"))]),
        h("div", { class: "ap-buttons" }, [
          h("button", { type: "button", class: "ap-back", disabled: page.value === 0, onClick: () => open(page.value - 1) }, word("back")),
          last.value
            ? null
            : h("button", { type: "button", class: "ap-next", onClick: () => open(page.value + 1) }, word("next")),
          last.value || tried.value
            ? h("button", { type: "button", class: "ap-send", disabled: sending.value, onClick: finish },
                word(sending.value ? "sending" : kept.value ? "retry" : "send"))
            : null,
        ]),
      ]);

    return () =>
      h("div", { class: "ap", ref: host, onInput: keepSoon }, [
        titles.value.length > 0 ? header() : h("p", { class: "ap-loading" }, loadFailed.value ? word("loadFailed") : word("loading")),
        loadFailed.value ? h("button", { type: "button", class: "ap-next", onClick: load }, word("retry")) : null,
        xml.value
          ? h(OdkWebForm, {
              ref: form, formXml: xml.value, fetchFormAttachment: noAttachments, onSubmit: transmit,
              editInstance: draft === null ? undefined : resume(draft),
            })
          : null,
        titles.value.length > 0 ? footer() : null,
      ]);
  });
}
