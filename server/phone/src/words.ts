/** What the app itself says, in each language; the questions' own words come with the form. */

export type Word =
  | "loading" | "loadFailed" | "retry" | "back" | "next" | "send" | "sending" | "sent"
  | "missing" | "offline" | "refused" | "loginAgain" | "kept" | "stay" | "language" | "page";

const EN: Record<Word, string> = {
  loading: "Loading the form…",
  loadFailed: "The form could not be loaded. Check the network and try again.",
  retry: "Try again",
  back: "Back",
  next: "Next",
  send: "Send",
  sending: "Sending…",
  sent: "Sent",
  missing: "Questions still to answer or correct: {n}",
  offline: "There is no connection, so nothing was sent.",
  refused: "The server did not accept the form ({n}).",
  loginAgain: "Your log-in has ended. Log in again in another tab, then try again here.",
  kept: "Your answers are kept on this phone.",
  stay: "This phone cannot keep your answers. Do not close or reload this page until they are sent.",
  language: "Language",
  page: "Section {n} of {total}",
};

const HI: Record<Word, string> = {
  loading: "फ़ॉर्म खुल रहा है…",
  loadFailed: "फ़ॉर्म नहीं खुला। नेटवर्क देखें और फिर कोशिश करें।",
  retry: "फिर कोशिश करें",
  back: "पीछे",
  next: "आगे",
  send: "भेजें",
  sending: "भेजा जा रहा है…",
  sent: "भेज दिया गया",
  missing: "जिन प्रश्नों का उत्तर देना या सुधारना बाकी है: {n}",
  offline: "नेटवर्क नहीं है, इसलिए कुछ नहीं भेजा गया।",
  refused: "सर्वर ने फ़ॉर्म स्वीकार नहीं किया ({n})।",
  loginAgain: "आपका लॉग-इन समाप्त हो गया है। दूसरे टैब में लॉग-इन करें, फिर यहाँ दोबारा भेजें।",
  kept: "आपके उत्तर इस फ़ोन में सुरक्षित हैं।",
  stay: "यह फ़ोन आपके उत्तर सहेज नहीं सकता। भेजने तक इस पेज को न बंद करें, न फिर लोड करें।",
  language: "भाषा",
  page: "{total} में से भाग {n}",
};

const UR: Record<Word, string> = {
  loading: "فارم کھل رہا ہے…",
  loadFailed: "فارم نہیں کھلا۔ نیٹ ورک دیکھیں اور دوبارہ کوشش کریں۔",
  retry: "دوبارہ کوشش کریں",
  back: "پیچھے",
  next: "آگے",
  send: "بھیجیں",
  sending: "بھیجا جا رہا ہے…",
  sent: "بھیج دیا گیا",
  missing: "جن سوالوں کا جواب دینا یا درست کرنا باقی ہے: {n}",
  offline: "نیٹ ورک نہیں ہے، اس لیے کچھ نہیں بھیجا گیا۔",
  refused: "سرور نے فارم قبول نہیں کیا ({n})۔",
  loginAgain: "آپ کا لاگ اِن ختم ہو گیا ہے۔ دوسرے ٹیب میں لاگ اِن کریں، پھر یہاں دوبارہ بھیجیں۔",
  kept: "آپ کے جواب اس فون میں محفوظ ہیں۔",
  stay: "یہ فون آپ کے جواب محفوظ نہیں کر سکتا۔ بھیجنے تک اس صفحے کو نہ بند کریں، نہ دوبارہ لوڈ کریں۔",
  language: "زبان",
  page: "{total} میں سے حصہ {n}",
};

const BY_LANGUAGE: Record<string, Record<Word, string>> = { en: EN, hi: HI, ur: UR };

/** Names of languages as their readers write them. */
export const LANGUAGE_NAMES: Record<string, string> = { en: "English", hi: "हिन्दी", ur: "اردو" };

export function direction(language: string): "rtl" | "ltr" {
  return language === "ur" ? "rtl" : "ltr";
}

export function say(word: Word, language: string, values: Record<string, string | number> = {}): string {
  const text = (BY_LANGUAGE[language] ?? EN)[word];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
