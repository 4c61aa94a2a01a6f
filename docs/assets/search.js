/*
 * The glossary's own search.
 *
 * The first half is pure: it ranks the documents of an index made by `hooks/llmglossary/search.py`
 * and runs in Node.js as well, where the tests ask it hundreds of questions. The second half is the
 * box in the header; it fetches the index and MiniSearch when the reader first turns to it.
 */
(function () {
  "use strict";

  // ---------------------------------------------------------------- text

  const HAN = /\p{Script=Han}/u;
  const HAN_ALL = /\p{Script=Han}/gu;
  const BOPOMOFO = /\p{Script=Bopomofo}/u;
  const LETTER = /[\p{L}\p{N}]/u;
  // A final plus is part of a name: LoRA+ is not LoRA.
  const WORDS = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:\++(?![\p{L}\p{N}]))?/gu;
  const ZHUYIN_TONES = /[ˉˊˇˋ˙]/g;
  const ACCENTS = /\p{M}+/gu;

  /** Words that make a question of a name: what remains without them is what is asked about. */
  const QUESTION = new RegExp(
    [
      "\\b(?:what(?:'s| is| are| does)|who is|how (?:does|do|is|are|to)|why (?:is|are|do|does)|define|explain)\\b",
      "\\b(?:an?|the|does|mean|means|meaning|definition|works?|explained|of|in|vs|versus|and)\\b",
      "请问|什么叫做?|什么是|何谓|啥是|怎么(?:理解|翻译|用|办)?|如何(?:理解)?|为什么(?:会)?",
      "是(?:什么|啥|指|干嘛)(?:的|意思)?|(?:的|有什么|之间)?(?:意思|定义|含义|原理|概念|区别|翻译|全称|缩写)",
      "[吗呢吧]",
    ].join("|"),
    "gu",
  );

  /** Replaces characters one for one, so that positions in the text stay what they were. */
  function folder([from, to]) {
    const targets = Array.from(to);
    const table = new Map(Array.from(from, (character, i) => [character, targets[i]]));
    return (text) => text.replace(HAN_ALL, (character) => table.get(character) ?? character);
  }

  /** The text without differences of width, case, script, accent and tone. */
  function plain(text, fold) {
    const folded = text
      .replace(/([A-Z]{2,})s\b/g, "$1") // LLMs, RMs: too short for the plural rule below
      .replace(ZHUYIN_TONES, "")
      .normalize("NFKD")
      .replace(ACCENTS, "")
      .normalize("NFKC")
      .toLowerCase();
    return fold(folded);
  }

  const wordsOf = (text) => text.match(WORDS) ?? [];

  /** A word without its regular plural ending; only ever compared with other stems. */
  function stem(word) {
    if (word.length < 4 || HAN.test(word)) return word;
    let singular = word;
    if (word.endsWith("ies")) singular = `${word.slice(0, -3)}y`;
    else if (/(?:[sxz]|[cs]h)es$/.test(word)) singular = word.slice(0, -2);
    else if (/[^sui]s$/.test(word)) singular = word.slice(0, -1);
    return singular.length > 3 && singular.endsWith("e") ? singular.slice(0, -1) : singular;
  }

  /** The forms of a name or query that are compared. */
  function forms(text, fold) {
    const words = wordsOf(plain(text, fold));
    const stems = words.map(stem);
    return { words, stems, key: words.join(""), stem: stems.join(""), spaced: stems.join(" ") };
  }

  /** Pinyin is compared with v and ü as u: 策略 is typed celüe, celve and celue. */
  const pinyinKey = (key) => key.replaceAll("v", "u");

  /** Whether `needle` stands in `text` with no Latin word cut in two. */
  function containsWhole(text, needle) {
    const latin = (c) => c !== undefined && LETTER.test(c) && !HAN.test(c);
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
      const end = at + needle.length;
      const cutsStart = latin(needle[0]) && latin(text[at - 1]);
      const cutsEnd = latin(needle[needle.length - 1]) && latin(text[end]);
      if (!cutsStart && !cutsEnd) return true;
    }
    return false;
  }

  /**
   * Edits (insert, delete, replace, swap neighbours) from `typed` to `word`, to the nearest
   * beginning of it ("start") or to the nearest piece of it ("piece"). Infinity if above `limit`.
   */
  function edits(typed, word, limit, of = "whole") {
    if (typed.length - word.length > limit) return Infinity;
    if (of === "whole" && word.length - typed.length > limit) return Infinity;
    const target = of === "piece" ? word : word.slice(0, typed.length + limit);
    let before = [];
    let above = Array.from({ length: target.length + 1 }, (_, j) => (of === "piece" ? 0 : j));
    for (let i = 1; i <= typed.length; i += 1) {
      const row = [i];
      for (let j = 1; j <= target.length; j += 1) {
        const same = typed[i - 1] === target[j - 1] ? 0 : 1;
        row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + same);
        if (i > 1 && j > 1 && typed[i - 1] === target[j - 2] && typed[i - 2] === target[j - 1]) {
          row[j] = Math.min(row[j], before[j - 2] + 1);
        }
      }
      if (Math.min(...row) > limit) return Infinity;
      [before, above] = [above, row];
    }
    const count = of === "whole" ? above[target.length] : Math.min(...above);
    return count <= limit ? count : Infinity;
  }

  /** How many typing mistakes a word may have. Two Chinese characters are a word already. */
  function tolerance(word) {
    const han = word.match(HAN_ALL)?.length;
    if (han) return han < 3 ? 0 : han < 6 ? 1 : 2;
    return word.length < 4 ? 0 : word.length < 8 ? 1 : 2;
  }

  // ---------------------------------------------------------------- names

  /*
   * A match of a name is worth its tier plus at most 20 for how much of the name was typed; text
   * relevance adds at most 20 more, and being mentioned by many other concepts a little. So an
   * exact match always comes first, and relevance decides between matches of one kind.
   */
  const TIER = { exact: 200, prefix: 80, substring: 60, words: 50, typo: 40, part: 25 };
  const UNNAMED = { score: 0, tier: "text", why: "text", name: null };
  const SPAN = 20;
  const WEIGHT = { preferred: 1, abbreviation: 0.99, admitted: 0.96, rejected: 0.9 };
  const FOREIGN = 0.98;
  const MOST_KNOWN = 5;
  const WEIGHT_PINYIN = 0.9;
  const WEIGHT_INITIALS = 0.8;

  const KINDS = { p: "preferred", b: "abbreviation", a: "admitted", r: "rejected" };
  const LANGUAGES = { s: "zh", t: "zh-Hant", e: "en" };

  /** Unpacks a name of the index: kind, language and text in one, then what only some have. */
  function unpackName(packed) {
    const [first, pinyin = "", zhuyin = "", reason = ""] = [packed].flat();
    return {
      kind: KINDS[first[0]],
      language: LANGUAGES[first[1]],
      text: first.slice(2),
      pinyin,
      zhuyin,
      reason,
    };
  }

  /** Prepares a name for comparison; `syllables` knows how characters are usually read. */
  function prepareName(packed, siteLanguage, syllables, fold) {
    const name = unpackName(packed);
    const weight = WEIGHT[name.kind] * (name.language === siteLanguage ? 1 : FOREIGN);
    const compared = forms(name.text, fold);
    const spelling = (why) => {
      const own = name[why] && name[why].split(" ").values();
      const syllable = (c) => (own ? own.next().value : syllables.get(c)?.[why]) ?? c;
      const parts = Array.from(compared.key, (c) => (HAN.test(c) ? syllable(c) : c));
      const full = parts.join("");
      const initials = parts.map((part) => part[0]).join("");
      return why === "pinyin"
        ? { why, full: pinyinKey(full), initials: pinyinKey(initials) }
        : { why, full, initials };
    };
    const readings = HAN.test(compared.key) ? [spelling("pinyin"), spelling("zhuyin")] : [];
    return { ...name, ...compared, weight, readings };
  }

  /** From each Chinese character of the index to how it is usually read. */
  function syllableTable(rows) {
    return new Map(
      rows.flatMap(([pinyin, zhuyin, characters]) =>
        Array.from(characters, (character) => [character, { pinyin, zhuyin }]),
      ),
    );
  }

  /** Word by word: the mean likeness of each of `words` to the nearest word of `other`, or 0. */
  function wordLikeness(words, other, compare) {
    let total = 0;
    for (const word of words) {
      const best = HAN.test(word)
        ? Number(other.key.includes(word))
        : Math.max(compare(word, other.key), ...other.words.map((its) => compare(word, its)));
      if (best === 0) return 0;
      total += best;
    }
    return total / words.length;
  }

  /** How like a typed Latin word is to a whole word: 1 equal, 0 not at all. */
  function likeness(typed, word) {
    if (typed === word || stem(typed) === stem(word)) return 1;
    if (typed.length > 1 && word.startsWith(typed)) return 0.9;
    const limit = tolerance(typed);
    const whole = edits(typed, word, limit);
    if (limit && whole < Infinity) return 0.8 - whole / 10;
    if (typed.length > 5 && edits(typed, word, 1, "start") === 1) return 0.5;
    // quantized, quantizing, quantization: one root with different endings
    const root = Math.min(6, typed.length, word.length);
    const related = root > 4 && typed.slice(0, root) === word.slice(0, root);
    return related && Math.abs(typed.length - word.length) < 6 ? 0.4 : 0;
  }

  const matched = (name, tier, share, why = name.kind) => ({
    score: (TIER[tier] + share) * name.weight,
    tier,
    why,
    name,
  });

  /** How `name` has what was typed in it, if it has. */
  function matchExactly(query, name) {
    const { key } = query;
    const covered = (SPAN * key.length) / name.key.length;
    if (key === name.key) return matched(name, "exact", SPAN);
    if (query.stem === name.stem) return matched(name, "exact", SPAN - 1);
    if (name.key.startsWith(key)) return matched(name, "prefix", covered);
    const read = matchReadings(query, name);
    if (read?.tier === "exact") return read;
    if (` ${name.spaced}`.includes(` ${query.spaced}`)) {
      return matched(name, "substring", covered + 5);
    }
    // Two Latin letters within a word are in half of all names.
    const telling = query.han || key.length > 2;
    return telling && name.key.includes(key) ? matched(name, "substring", covered) : read;
  }

  /** How `name` is like what was typed: mistyped, in other order, or only part of it. */
  function matchLoosely(query, name) {
    const { key } = query;
    const limit = tolerance(key);
    const mistakes = limit ? edits(key, name.key, limit) : Infinity;
    if (mistakes < Infinity) return matched(name, "typo", SPAN - 5 * mistakes, "similar");
    const alike = wordLikeness(query.words, name, query.likeness);
    if (alike > 0) {
      const share = alike * SPAN * Math.min(1, query.words.length / name.words.length);
      if (alike >= 0.9) return matched(name, "words", share);
      return matched(name, "typo", share - 5, "similar");
    }
    if (query.han && key.length > 3 && edits(key, name.key, 1, "piece") === 1) {
      return matched(name, "typo", (SPAN * key.length) / name.key.length - 10, "similar");
    }
    const inQuery = Math.min(1, name.key.length / key.length) * SPAN;
    if (name.key.length > 1 && containsWhole(query.spaced, name.spaced)) {
      return matched(name, "part", inQuery);
    }
    const isLatin = name.key.length > 3 && !HAN.test(name.key);
    const spread = isLatin ? wordLikeness(name.words, query, query.likeness) : 0;
    return spread > 0 ? matched(name, "part", inQuery * spread - 5, "similar") : null;
  }

  /** The best match of a document's names, if any matches. */
  const bestMatch = (document, query, match) =>
    document.names.reduce((best, name) => {
      const found = match(query, name);
      return found && !(best?.score >= found.score) ? found : best;
    }, null);

  /** Matches the query as pinyin or zhuyin. */
  function matchReadings(query, name) {
    if (query.han) return null;
    for (const { why, full, initials } of name.readings) {
      const key = why === "pinyin" ? query.pinyin : query.key;
      const minimum = why === "pinyin" ? 3 : 1;
      const result = (tier, share, weight) => {
        const match = matched(name, tier, share, why);
        return { ...match, score: match.score * weight };
      };
      const covered = (SPAN * key.length) / full.length;
      if (key === full) return result("exact", SPAN, WEIGHT_PINYIN);
      if (key === initials && key.length > 1) return result("exact", SPAN, WEIGHT_INITIALS);
      if (key.length < minimum) continue;
      if (full.startsWith(key)) return result("prefix", covered, WEIGHT_PINYIN);
      if (key.length > minimum && full.includes(key)) {
        return result("substring", covered, WEIGHT_PINYIN);
      }
      if (initials.startsWith(key) || (key.length > minimum && initials.includes(key))) {
        return result("substring", 0, WEIGHT_INITIALS);
      }
      const limit = key.length < 6 ? 0 : key.length < 10 ? 1 : 2;
      const mistakes = limit ? edits(key, full, limit) : Infinity;
      if (mistakes < Infinity) return result("typo", SPAN - 5 * mistakes, WEIGHT_PINYIN);
    }
    return null;
  }

  /** `compare`, which forgets nothing. */
  function remembered(compare) {
    const known = new Map();
    return (a, b) => {
      const key = `${a} ${b}`;
      if (!known.has(key)) known.set(key, compare(a, b));
      return known.get(key);
    };
  }

  /** Makes the measure of how many Chinese characters and pairs of any a key shares with `key`. */
  function resemblanceTo(key) {
    const unitsOf = (text) => [...(text.match(HAN_ALL) ?? []), ...pairsOf(Array.from(text))];
    const units = new Set(unitsOf(key));
    return (other) => {
      const others = unitsOf(other);
      const shared = others.filter((unit) => units.has(unit)).length;
      return shared && (2 * shared) / (units.size + others.length);
    };
  }

  // ---------------------------------------------------------------- engine

  const FIELDS = { names: 3, headings: 1, definition: 1, category: 0.5 };

  /** Chinese words as pairs of neighbouring characters; what is alone stays alone. */
  const pairsOf = (characters) =>
    characters.length === 1 ? characters : characters.slice(1).map((c, i) => characters[i] + c);

  /**
   * The terms a text is found by. With its last character a Chinese word is indexed once more, so
   * that each of its characters begins a term: a query of one character is a prefix.
   */
  function indexTerms(text, fold) {
    return wordsOf(plain(text, fold)).flatMap((word) => {
      if (!HAN.test(word)) return [stem(word)];
      const characters = Array.from(word);
      return characters.length === 1 ? characters : [...pairsOf(characters), characters.at(-1)];
    });
  }

  const queryTerms = (words) =>
    words.flatMap((word) => (HAN.test(word) ? pairsOf(Array.from(word)) : [stem(word)]));

  function analyse(text, fold) {
    const query = forms(text, fold);
    const isNumbered = /^(?:[a-z]+[1-5])+$/.test(query.key); // wei1tiao2
    const toneless = isNumbered ? query.key.replace(/[1-5]/g, "") : query.key;
    return {
      ...query,
      han: HAN.test(query.key),
      pinyin: pinyinKey(toneless),
      terms: queryTerms(query.words),
      likeness: remembered(likeness), // a few hundred words make up all the names
    };
  }

  /**
   * Builds the engine.
   *
   * @param {object} index What `search_index` of the Python side returns.
   * @param {Function} MiniSearch The class.
   * @returns {{ready: Promise, search: Function, nearest: Function, mark: Function}} Names can be
   *   searched at once, definitions and headings when `ready` is.
   */
  function createEngine(index, MiniSearch) {
    const fold = folder(index.fold);
    const syllables = syllableTable(index.syllables);
    const documents = index.urls.map((url, id) => {
      const names = index.names[id].map((n) => prepareName(n, index.language, syllables, fold));
      return {
        id,
        url,
        names,
        name: names[0].text,
        category: index.categories[index.category[id]],
        definition: index.definitions[id],
        headings: index.headings[id],
        mentions: index.mentions[id],
      };
    });
    const texts = new MiniSearch({
      fields: Object.keys(FIELDS),
      tokenize: (text) => indexTerms(text, fold),
      processTerm: (term) => term,
    });
    // In slices between which the page answers the reader; names can be searched at once.
    const ready = texts.addAllAsync(
      documents.map(({ id, names, headings, definition, category }) => ({
        id,
        names: names.map((name) => name.text).join("\n"),
        headings: headings.join("\n"),
        definition,
        category,
      })),
      { chunkSize: 25 },
    );

    /** Text relevance by document, at most 1; nothing that shares less than half of the query. */
    function relevance(query) {
      const terms = new Set(query.terms);
      const found = texts.search(query.terms.join(" "), {
        boost: FIELDS,
        tokenize: (text) => text.split(" "),
        prefix: (term) => (HAN.test(term) ? term.length === 1 : term.length > 2),
        fuzzy: (term) => (HAN.test(term) || BOPOMOFO.test(term) ? 0 : Math.min(2, tolerance(term))),
      });
      const scored = found
        .map(({ id, score, queryTerms: hit }) => [id, score, new Set(hit).size / terms.size])
        .filter(([, , share]) => share >= 0.5)
        .map(([id, score, share]) => [id, score * share ** 2]);
      const highest = Math.max(...scored.map(([, score]) => score));
      return new Map(scored.map(([id, score]) => [id, score / highest]));
    }

    /** The text itself and, if it reads like a question, what it asks about. */
    function queriesFor(text) {
      const whole = analyse(text, fold);
      const core = analyse(plain(text, fold).replace(QUESTION, " "), fold);
      return core.key && core.key !== whole.key ? [whole, core] : [whole];
    }

    /**
     * Finds what `text` may mean, best first.
     *
     * @returns {{document: object, score: number, tier: string, why: string,
     *   name: object?}[]} `why` says what matched: the kind of name, "pinyin", "zhuyin",
     *   "similar" or "text".
     */
    function search(text, limit = 10) {
      const queries = queriesFor(text).filter((query) => query.key);
      const best = new Map();
      for (const query of queries) {
        const relevant = relevance(query);
        const exactly = documents.map((document) => bestMatch(document, query, matchExactly));
        const isSure = exactly.some((match) => match?.tier === "exact");
        for (const document of documents) {
          const loosely = () => (isSure ? null : bestMatch(document, query, matchLoosely));
          const match = exactly[document.id] ?? loosely() ?? UNNAMED;
          const related = SPAN * (relevant.get(document.id) ?? 0);
          if (match === UNNAMED && related === 0) continue;
          const known = Math.min(MOST_KNOWN, Math.log2(1 + document.mentions));
          const score = match.score + related + known;
          if (score > (best.get(document)?.score ?? 0)) {
            best.set(document, { document, ...match, score });
          }
        }
      }
      return [...best.values()]
        .sort((a, b) => b.score - a.score || a.document.id - b.document.id)
        .slice(0, limit);
    }

    /** The documents with the names most like `text`, for a search that found nothing. */
    function nearest(text, limit = 3) {
      const resemblance = resemblanceTo(analyse(text, fold).key);
      return documents
        .map((document) => ({
          document,
          likeness: Math.max(...document.names.map((name) => resemblance(name.key))),
        }))
        .filter((candidate) => candidate.likeness > 0)
        .sort((a, b) => b.likeness - a.likeness)
        .slice(0, limit)
        .map((candidate) => candidate.document);
    }

    /** Splits `text` into `[piece, marked]`, marking what the query `typed` asks for. */
    function mark(text, typed) {
      const terms = queriesFor(typed).pop().terms;
      // One unit for each character, so that positions agree.
      const unit = (c) => plain(c, fold).match(/^[^\ud800-\udfff]/)?.[0] ?? " ";
      const flat = Array.from(text, unit).join("");
      const marked = new Uint8Array(flat.length);
      for (const word of flat.matchAll(WORDS)) {
        for (const term of terms) {
          if (HAN.test(term)) {
            for (let at = word[0].indexOf(term); at >= 0; at = word[0].indexOf(term, at + 1)) {
              marked.fill(1, word.index + at, word.index + at + term.length);
            }
          } else if (stem(word[0]) === term || (term.length > 2 && word[0].startsWith(term))) {
            marked.fill(1, word.index, word.index + word[0].length);
          }
        }
      }
      const pieces = [];
      Array.from(text).forEach((character, i) => {
        const last = pieces[pieces.length - 1];
        if (last && last[1] === Boolean(marked[i])) last[0] += character;
        else pieces.push([character, Boolean(marked[i])]);
      });
      return pieces;
    }

    return { ready, search, nearest, mark };
  }

  if (typeof module === "object" && module.exports) {
    module.exports = { createEngine };
    return;
  }

  // ---------------------------------------------------------------- box

  const SEARCH_LIMIT = 12;
  const ANNOUNCE_AFTER = 400; // ms; a screen reader need not hear every key

  /** Makes an element. `children` are nodes and strings; nothing is ever parsed as HTML. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  const filled = (template, values) =>
    template.replace(/\{(\w+)\}/g, (placeholder, key) => values[key] ?? placeholder);

  function loadScript(src) {
    return new Promise((resolve, reject) => {
      const script = make("script", { src });
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => {
        script.remove();
        reject(new Error(`cannot load ${src}`));
      });
      document.head.append(script);
    });
  }

  class SearchBox {
    constructor(root) {
      const part = (name) => root.querySelector(`.glossary-search__${name}`);
      this.root = root;
      this.text = JSON.parse(root.dataset.text);
      this.opener = part("open");
      this.input = part("input");
      this.list = part("list");
      this.status = part("status");
      this.live = part("live");
      this.none = part("none");
      this.active = -1;

      root.addEventListener("focusout", (event) => {
        // Focus goes nowhere when a button is pressed in Safari: the overlay closes then.
        if (event.relatedTarget && !root.contains(event.relatedTarget)) this.close();
      });
      this.input.addEventListener("focus", () => this.open());
      this.input.addEventListener("input", () => this.update());
      this.input.addEventListener("keydown", (event) => this.onKey(event));
      this.list.addEventListener("mousedown", (event) => event.preventDefault());
      this.opener.addEventListener("click", () => this.focus());
      part("overlay").addEventListener("click", () => this.close());
      part("close").addEventListener("click", () => this.close());
      part("form").addEventListener("submit", (event) => event.preventDefault());
      part("form").addEventListener("reset", () => {
        this.input.focus();
        queueMicrotask(() => this.update());
      });
      document.addEventListener("keydown", (event) => this.onShortcut(event));
      const asked = new URLSearchParams(location.search).get("q");
      if (asked) {
        this.input.value = asked;
        this.focus();
      }
    }

    // ---- open and close

    focus() {
      this.root.dataset.open = ""; // what is hidden cannot take the focus
      this.input.focus();
    }

    open() {
      this.root.dataset.open = "";
      this.load();
      this.update();
    }

    close() {
      delete this.root.dataset.open;
      this.input.setAttribute("aria-expanded", "false");
      this.entering = false;
      // On a phone the button is what is left of the box; on a desktop it is not shown.
      if (this.root.contains(document.activeElement)) this.opener.focus();
      this.input.blur();
    }

    onShortcut(event) {
      const { target } = event;
      const typing =
        target instanceof Element &&
        target !== this.input &&
        target.closest("input, textarea, select, [contenteditable]:not([contenteditable=false])");
      const modified = event.ctrlKey || event.metaKey;
      const chord = event.key.toLowerCase() === "k" && modified && !event.altKey;
      const slash = event.key === "/" && !modified && !event.altKey && target !== this.input;
      if (typing || event.isComposing || !(chord || slash)) return;
      event.preventDefault();
      this.focus();
      this.input.select();
    }

    // ---- data

    /** Fetches index and engine once; after a failure the next focus tries again. */
    load() {
      const { index, engine } = this.root.dataset;
      this.loading ??= Promise.all([loadScript(index), loadScript(engine)])
        .then(() => {
          this.engine = createEngine(window.glossarySearch, window.MiniSearch);
          this.update();
          return this.engine.ready;
        })
        .then(
          () => this.update(),
          () => {
            this.loading = undefined;
            this.say(this.text.error);
          },
        );
    }

    address(document_) {
      const url = new URL(document_.url, new URL(this.root.dataset.base, location.href));
      // In the folder to take along no server turns a directory into its page.
      if (url.protocol === "file:" && url.pathname.endsWith("/")) url.pathname += "index.html";
      return url.href;
    }

    // ---- results

    update() {
      const typed = this.input.value.trim();
      const chosen = this.hits?.[this.active]?.document;
      this.none.replaceChildren();
      if (!typed || !this.engine) {
        this.show([], typed);
        this.say(typed ? this.text.loading : this.text.hint);
        return;
      }
      const hits = this.engine.search(typed, SEARCH_LIMIT);
      this.show(hits, typed);
      // Definitions arrive after the names and may reorder the list under the reader's choice.
      this.activate(this.typed === typed ? hits.findIndex((hit) => hit.document === chosen) : -1);
      this.typed = typed;
      const template = hits.length === 1 ? this.text.one : this.text.many;
      this.say(hits.length ? filled(template, { count: hits.length }) : this.text.none);
      if (!hits.length) this.showNone(typed);
      if (this.entering) this.enter();
    }

    show(hits, typed) {
      this.hits = hits;
      this.active = -1;
      this.list.replaceChildren(...hits.map((hit, i) => this.option(hit, i, typed)));
      this.list.hidden = hits.length === 0;
      this.input.setAttribute("aria-expanded", String(hits.length > 0));
      this.input.removeAttribute("aria-activedescendant");
    }

    option(hit, i, typed) {
      const { document: found } = hit;
      const marked = (text) =>
        this.engine
          .mark(text, typed)
          .map(([piece, isMarked]) => (isMarked ? make("mark", {}, piece) : piece));
      const line = (name, ...children) =>
        make("span", { class: `glossary-search__${name}` }, ...children);
      const option = make(
        "a",
        {
          class: "glossary-search__hit",
          role: "option",
          id: `glossary-search-hit-${i}`,
          href: this.address(found),
          tabindex: "-1",
          "aria-selected": "false",
        },
        line("name", ...marked(found.name)),
        line("category", found.category),
      );
      const reason = this.reason(hit);
      if (reason) option.append(line("why", ...reason));
      if (found.definition) option.append(line("definition", ...marked(found.definition)));
      return option;
    }

    /** Why a hit is one, unless its own name says so. */
    reason({ why, name, document: found }) {
      if (!name || name.text === found.name && why === "preferred") return null;
      const label = {
        preferred: this.text[`name_${name.language}`],
        abbreviation: this.text.abbreviation,
        admitted: this.text.admitted,
        rejected: filled(this.text.rejected, { name: found.name }),
        pinyin: this.text.pinyin,
        zhuyin: this.text.zhuyin,
        similar: this.text.similar,
      }[why];
      const explained = name.reason && why === "rejected" ? this.text.because + name.reason : "";
      return [make("strong", {}, name.text), ` — ${label}${explained}`];
    }

    /** No hit: the nearest names, and where to suggest the term. */
    showNone(typed) {
      const nearest = this.engine.nearest(typed);
      if (nearest.length) {
        const links = nearest.map((found) =>
          make("li", {}, make("a", { href: this.address(found) }, found.name)),
        );
        this.none.append(make("p", {}, this.text.nearest), make("ul", {}, ...links));
      }
      const { suggest } = this.root.dataset;
      if (suggest) {
        const href = suggest.replaceAll("{query}", encodeURIComponent(typed));
        const link = make("a", { href }, filled(this.text.suggest, { query: typed }));
        this.none.append(make("p", {}, link));
      }
    }

    /** Shows `message` at once, and has it read aloud when the typing pauses. */
    say(message) {
      this.status.textContent = message;
      clearTimeout(this.announcing);
      this.announcing = setTimeout(() => {
        this.live.textContent = this.root.dataset.open === undefined ? "" : message;
      }, ANNOUNCE_AFTER);
    }

    // ---- keyboard

    onKey(event) {
      // While an input method composes, these keys choose characters.
      if (event.isComposing) return;
      const last = this.hits.length - 1;
      const moves = {
        ArrowDown: () => this.activate(this.active >= last ? 0 : this.active + 1),
        ArrowUp: () => this.activate(this.active <= 0 ? last : this.active - 1),
        Enter: () => this.enter(),
        Escape: () => this.close(),
      };
      const move = moves[event.key];
      if (!move || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      move();
    }

    activate(i) {
      const options = this.list.children;
      options[this.active]?.setAttribute("aria-selected", "false");
      this.active = i in options ? i : -1;
      const option = options[this.active];
      if (!option) {
        this.input.removeAttribute("aria-activedescendant");
        return;
      }
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", option.id);
    }

    /** Goes to the chosen hit or the first; before the index has arrived, as soon as it has. */
    enter() {
      this.entering = !this.engine && this.input.value.trim() !== "";
      const option = this.list.children[Math.max(this.active, 0)];
      if (!option) return;
      this.close();
      option.click();
    }
  }

  const root = document.querySelector(".glossary-search");
  if (root) new SearchBox(root);
})();
