/**
 * Translates the few English phrases that @getodk/web-forms writes itself (it has no catalogue), in
 * the places where it writes them: the location question and its dialog.
 */

const PLACES = ".geopoint-control, .p-dialog";

const PHRASES: readonly { en: string; hi: string; ur: string }[] = [
  {
    en: "Grant location permission in the browser settings and make sure location is turned on.",
    hi: "ब्राउज़र की सेटिंग में स्थान की अनुमति दें और देखें कि फ़ोन में स्थान चालू है।",
    ur: "براؤزر کی سیٹنگ میں مقام کی اجازت دیں اور دیکھیں کہ فون میں مقام چالو ہے۔",
  },
  { en: "Cannot access location", hi: "स्थान नहीं मिल सका", ur: "مقام نہیں مل سکا" },
  { en: "Time taken to capture location:", hi: "स्थान लेने में लगा समय:", ur: "مقام لینے میں لگا وقت:" },
  { en: "Location will be saved at", hi: "स्थान इस सटीकता पर सहेजा जाएगा:", ur: "مقام اس درستی پر محفوظ ہو گا:" },
  { en: "Previous saved location at", hi: "पहले सहेजा गया स्थान:", ur: "پہلے محفوظ کیا گیا مقام:" },
  { en: "Finding your location", hi: "स्थान खोजा जा रहा है", ur: "مقام تلاش ہو رہا ہے" },
  { en: "Get location", hi: "स्थान लें", ur: "مقام درج کریں" },
  { en: "Save location", hi: "स्थान सहेजें", ur: "مقام محفوظ کریں" },
  { en: "Try again", hi: "फिर कोशिश करें", ur: "دوبارہ کوشش کریں" },
  { en: "Cancel", hi: "रद्द करें", ur: "منسوخ کریں" },
  { en: "Good accuracy", hi: "सटीक", ur: "درست" },
  { en: "Poor accuracy", hi: "कम सटीक", ur: "کم درست" },
  { en: "Unknown accuracy", hi: "सटीकता अज्ञात", ur: "درستی نامعلوم" },
  { en: "Accuracy:", hi: "सटीकता:", ur: "درستی:" },
  { en: "Latitude:", hi: "अक्षांश:", ur: "عرض بلد:" },
  { en: "Longitude:", hi: "देशांतर:", ur: "طول بلد:" },
  { en: "Altitude:", hi: "ऊँचाई:", ur: "بلندی:" },
];

/** What the component wrote into a text node, and what we last put in its place. */
const written = new WeakMap<Text, { english: string; shown: string }>();

function translated(english: string, language: string): string {
  if (language !== "hi" && language !== "ur") return english;
  return PHRASES.reduce((text, phrase) => text.replace(phrase.en, phrase[language]), english);
}

function translate(node: Text, language: string): void {
  const before = written.get(node);
  const english = before?.shown === node.data ? before.english : node.data;
  const shown = translated(english, language);
  written.set(node, { english, shown });
  if (node.data !== shown) node.data = shown;
}

/** Put every phrase of the component into `language`; English brings back its own words. */
export function translateEngineWords(language: string): void {
  for (const place of document.querySelectorAll(PLACES)) {
    const texts = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node; node = texts.nextNode()) translate(node as Text, language);
  }
}
