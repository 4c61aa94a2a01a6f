/*
 * What the search box asks: the ranking of the documents that `hooks/llmglossary/search/` collects.
 *
 * Pure: it touches no page, and runs in Node.js as well, where the tests ask it hundreds of
 * questions. search.js fetches it, with the data and MiniSearch, when a reader turns to the box.
 */
(function () {
  "use strict";

  // ---------------------------------------------------------------- text

  const HAN = /\p{Script=Han}/u;
  const HAN_ALL = /\p{Script=Han}/gu;
  const BOPOMOFO = /\p{Script=Bopomofo}/u;
  // A final plus is part of a name: LoRA+ is not LoRA.
  const WORDS = /\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+(?:\++(?![\p{L}\p{N}]))?/gu;
  const ZHUYIN_TONES = /[ˉˊˇˋ˙]/g;
  const ACCENTS = /\p{M}+/gu;
  const ASCII = /^[\x20-\x7e]*$/;

  /** Whether a text begins with a Chinese character; asked so often that HAN is too slow. */
  const isHan = (text) => {
    const code = text.charCodeAt(0);
    return (code >= 0x4e00 && code < 0xa000) || (code > 0x2e7f && HAN.test(text));
  };

  /** Words that make a question of a name: what remains without them is what is asked about. */
  const QUESTION = new RegExp(
    [
      "\\b(?:what|how|why|when|where|which|who)(?:'?s|'?re)?\\b",
      "\\b(?:is|are|was|do|does|did|can|could|should|would|will|has|have|to|you|i|we|me|it|its|they|them)\\b",
      "\\b(?:an?|the|of|in|on|for|with|by|from|about|vs|versus|and|or|between|differences?)\\b",
      "\\b(?:define[ds]?|definition|explain(?:ed)?|describe|mean(?:s|ing)?|works?|working|tutorial|examples?|intro(?:duction)?|guide|please|use[ds]?|using|need(?:ed)?|tell|give)\\b",
      "请问|请?(?:解释|介绍)一?下?|什么(?:叫做?|是|时候)|何谓|何为|啥[是叫]|为(?:什么|何|啥)(?:[要会需能]|需要)?",
      "是?(?:怎么|怎样|如何|咋)样?(?:理解|翻译|用|办|算|做|做到|工作|产生|来|防止|避免|解决|进行)?的?",
      "(?:是|有|叫)(?:什么|啥|指|干嘛|多少|哪些|哪几种)(?:的|意思|用|区别|不同|关系)*|(?:多少|哪些|哪个|哪种|能不能|可不可以|要不要|是不是|有没有)",
      "(?:的|有什么|之间)?(?:意思|定义|含义|原理|概念|区别|差别|不同|关系|翻译|全称|缩写|作用|用途|优缺点|例子|教程|入门|详解|简介|介绍|公式)",
      "[吗呢吧啊？]",
    ].join("|"),
    "gu",
  );

  /** What glues words together and is the same in any name or question. */
  const GLUE = new Set("a an and as at by for from in is of on or the to vs with".split(" "));
  const HAN_GLUE = /[的和与跟]|^[做是]|[是做了]$/g;

  const CONJUNCTION = /\b(?:vs|versus|and|or)\b\.?|[和与跟、,，;；/]|还是|以及/g;

  /** What everything here is about, so that beside another word it asks for nothing. */
  const CONTEXT =
    /\b(?:llms?|ai|(?:large )?language models?|models?)\b|(?:大型?)?语言模型|大?模型|(?:技术|算法|方法|机制|参数)$/gu;

  const CONTEXT_UNITS = new Set("llm llms ai large language model models 语言 言模 大模 模型".split(" "));

  /** Replaces characters one for one, so that positions in the text stay what they were. */
  function folder([from, to]) {
    const targets = Array.from(to);
    const table = new Map(Array.from(from, (character, i) => [character, targets[i]]));
    return (text) => text.replace(HAN_ALL, (character) => table.get(character) ?? character);
  }

  /** Replaces words by others for the same: 函式 by 函数. `pairs` are folded already. */
  function wordFolder(pairs) {
    const table = new Map(pairs);
    const words = [...table.keys()].sort((a, b) => b.length - a.length);
    if (!words.length) return (text) => text;
    const any = new RegExp(words.join("|"), "g");
    return (text) => (HAN.test(text) ? text.replace(any, (word) => table.get(word)) : text);
  }

  /** The text without differences of width, case, script, accent and tone. */
  function plain(text, fold) {
    const single = text
      .replace(/([A-Z]{2,})['’]?s\b/g, "$1") // LLMs, RMs: too short for the plural rule below
      .replace(/(\w)['’]s\b/g, "$1");
    if (ASCII.test(single)) return single.toLowerCase();
    const folded = single
      .replace(ZHUYIN_TONES, "")
      .normalize("NFKD")
      .replace(ACCENTS, "")
      .normalize("NFKC")
      .toLowerCase();
    return fold(folded);
  }

  /** The text as `plain` has it, but with one unit for each character, so that positions agree. */
  function flatten(text, fold) {
    if (ASCII.test(text)) return text.toLowerCase();
    const seen = new Map();
    const unit = (c) => plain(c, fold).match(/^[^\ud800-\udfff]/)?.[0] ?? " ";
    return Array.from(text, (character) => {
      if (!seen.has(character)) seen.set(character, unit(character));
      return seen.get(character);
    }).join("");
  }

  const wordsOf = (text) => text.match(WORDS) ?? [];

  /** A word without its regular plural ending; only ever compared with other stems. */
  function stem(word) {
    if (word.length < 4 || isHan(word)) return word;
    let singular = word;
    if (word.endsWith("ies")) singular = `${word.slice(0, -3)}y`;
    else if (/(?:[sxz]|[cs]h)es$/.test(word)) singular = word.slice(0, -2);
    else if (/[^sui]s$/.test(word)) singular = word.slice(0, -1);
    return singular.length > 3 && singular.endsWith("e") ? singular.slice(0, -1) : singular;
  }

  const ENDING =
    /^(\w{4,}?)(?:i[sz]ations?|i[sz](?:e|er|ing|ed)?|ations?|at(?:e|ed|ing|or)?|ions?|ing|ed|er|or|e)$/;

  /** A word without the ending that makes a verb, a doer or a deed of it; for comparison only. */
  function root(word) {
    const latin = /[a-z]{4,}$/.exec(word)?.[0];
    if (!latin) return word;
    const bare = ENDING.exec(stem(latin))?.[1] ?? stem(latin);
    return word.slice(0, -latin.length) + bare;
  }

  /** The forms of a name or query that are compared. `words` are folded to one way of writing. */
  function forms(text, fold, foldWords) {
    const written = plain(text, fold);
    const words = wordsOf(foldWords(written));
    const stems = words.map(stem);
    const telling = stems.filter((_, i) => !GLUE.has(words[i]));
    const key = words.join("");
    return {
      words,
      stems,
      key,
      written: wordsOf(written).join(""),
      stem: stems.join(""),
      bare: telling.join("") || stems.join(""),
      root: root(key),
      spaced: ` ${stems.join(" ")}`, // found only where a word begins
      units: unitsOf(words),
      compounds: compoundsOf(written),
    };
  }

  /** Latin words and pairs of Chinese characters: what names are compared by piece by piece. */
  const unitsOf = (words) =>
    words.flatMap((word) => (isHan(word) ? pairsOf(Array.from(word)) : [word]));

  const HYPHENATED = /[a-z0-9]+(?:[-‐‑][a-z0-9]+)+/g;

  /** Hyphenated words, which others write as one: pre-training, pretraining. */
  const compoundsOf = (written) =>
    (written.match(HYPHENATED) ?? []).map((word) => {
      const parts = word.split(/[-‐‑]/);
      return { unit: parts.join(""), parts };
    });

  /** Chinese words as pairs of neighbouring characters; what is alone stays alone. */
  const pairsOf = (characters) =>
    characters.length === 1 ? characters : characters.slice(1).map((c, i) => characters[i] + c);

  /** Pinyin is compared with v and ü as u: 策略 is typed celüe, celve and celue. */
  const pinyinKey = (key) => key.replaceAll("v", "u");

  /**
   * Edits (insert, delete, replace, swap neighbours) from `typed` to `word`, to the nearest
   * beginning of it ("start") or to the nearest piece of it ("piece"). Infinity if above `limit`.
   */
  function edits(typed, word, limit, of = "whole") {
    if (typed.length - word.length > limit) return Infinity;
    if (of === "whole" && word.length - typed.length > limit) return Infinity;
    // Most pairs of words fail here, at no cost: each strange character is an edit.
    let strange = 0;
    for (const character of typed) {
      if (!word.includes(character)) strange += 1;
      if (strange > limit) return Infinity;
    }
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
  const TIER = { exact: 200, prefix: 80, substring: 60, words: 50, typo: 40, part: 12 };
  const UNNAMED = { score: 0, tier: "text", why: "text", name: null };
  const SPAN = 20;
  const WEIGHT = { preferred: 1, abbreviation: 0.99, admitted: 0.96, rejected: 0.9 };
  const FOREIGN = 0.98;
  const MOST_KNOWN = 5;
  // What a page explains in passing comes behind what has a page, unless its very name was typed.
  const LESSER = 10;
  const WEIGHT_PINYIN = 0.9;
  const WEIGHT_INITIALS = 0.8;
  // Less of a query than this in a document's names is a coincidence.
  const LEAST_COVERED = 0.35;

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
  function prepareName(packed, siteLanguage, syllables, formsOf) {
    const name = unpackName(packed);
    const weight = WEIGHT[name.kind] * (name.language === siteLanguage ? 1 : FOREIGN);
    const compared = formsOf(name.text);
    const readings = HAN.test(compared.written) ? readingsOf(name, compared.written, syllables) : [];
    return Object.assign(name, compared, { weight, readings });
  }

  /** The pinyin and zhuyin of a name, with the Latin letters in it, and the initials of both. */
  function readingsOf(name, written, syllables) {
    return ["pinyin", "zhuyin"].map((why) => {
      const own = name[why] && name[why].split(" ").values();
      let full = "";
      let initials = "";
      for (const character of written) {
        const syllable = !isHan(character)
          ? character
          : own
            ? own.next().value ?? character
            : syllables.get(character)?.[why] ?? character;
        full += syllable;
        initials += syllable[0];
      }
      return why === "pinyin"
        ? { why, full: pinyinKey(full), initials: pinyinKey(initials) }
        : { why, full, initials };
    });
  }

  /** From each Chinese character of the index to how it is usually read. */
  function syllableTable(rows) {
    return new Map(
      rows.flatMap(([pinyin, zhuyin, characters]) =>
        Array.from(characters, (character) => [character, { pinyin, zhuyin }]),
      ),
    );
  }

  /** A Latin word in the forms that `likeness` compares. */
  const wordForms = (word) => ({ word, stem: stem(word), root: root(word) });

  /**
   * How like a typed Latin word is to a whole word: 1 equal, 0 not at all. A word that names have
   * as it was typed is not `mistyped`.
   */
  function likeness(typed, other, mistyped) {
    const { word } = other;
    if (typed.word === word || typed.stem === other.stem) return 1;
    if (typed.root === other.root) return 0.95;
    if (typed.word.length > 1 && word.startsWith(typed.word)) return 0.9;
    if (!mistyped) return 0;
    const limit = tolerance(typed.word);
    const whole = limit ? edits(typed.word, word, limit) : Infinity;
    if (whole < Infinity) return 0.8 - whole / 10;
    if (typed.word.length > 5 && edits(typed.word, word, 1, "start") === 1) return 0.5;
    // transformer, transformation: one root with different endings
    const shared = Math.min(6, typed.word.length, word.length);
    const related = shared > 4 && typed.word.slice(0, shared) === word.slice(0, shared);
    return related && Math.abs(typed.word.length - word.length) < 6 ? 0.5 : 0;
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
    if (key === name.key || query.written === name.written) return matched(name, "exact", SPAN);
    if (query.stem === name.stem) return matched(name, "exact", SPAN - 1);
    if (query.bare === name.bare) return matched(name, "exact", SPAN - 2);
    // fine-tune, fine-tuned, fine-tuning
    if (key.length > 3 && query.root === name.root) return matched(name, "exact", SPAN - 16);
    if (name.key.startsWith(key)) return matched(name, "prefix", covered);
    const read = matchReadings(query, name);
    if (read?.tier === "exact") return read;
    if (name.spaced.includes(query.spaced)) {
      return matched(name, "substring", covered + 5);
    }
    // Two Latin letters within a word are in half of all names.
    const telling = query.han || key.length > 2;
    return telling && name.key.includes(key) ? matched(name, "substring", covered) : read;
  }

  /** How `name` as a whole, or a piece of it, is like what was typed: mistyped, or misheard. */
  function matchMistyped(query, name) {
    const { key, limit } = query;
    const mistakes = limit ? edits(key, name.key, limit) : Infinity;
    if (mistakes < Infinity) return matched(name, "typo", SPAN - 5 * mistakes, "similar");
    const spoken = name.readings[0]?.full;
    if (query.sound && spoken) {
      if (query.sound === spoken) return matched(name, "typo", SPAN - 6, "similar");
      if (query.sound.length > 5 && spoken.includes(query.sound)) {
        return matched(name, "typo", (SPAN * query.sound.length) / spoken.length - 10, "similar");
      }
    }
    if (!query.han && spoken?.length > 4 && query.pinyin.includes(spoken)) {
      return matched(name, "part", (28 * spoken.length) / query.pinyin.length, "pinyin");
    }
    if (query.han && key.length > 3 && edits(key, name.key, 1, "piece") === 1) {
      return matched(name, "typo", (SPAN * key.length) / name.key.length - 10, "similar");
    }
    return null;
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

  // ---------------------------------------------------------------- pieces of names

  /** All that names are made of: Chinese pairs, Latin words; each with the documents having it. */
  function unitTable(documents) {
    const having = new Map();
    for (const document of documents) {
      const all = document.names.flatMap(({ units, compounds }) => [
        ...units,
        ...compounds.map(({ unit }) => unit),
      ]);
      for (const unit of new Set(all)) {
        if (!having.has(unit)) having.set(unit, []);
        having.get(unit).push(document);
      }
    }
    const latin = [...having.keys()].filter((unit) => !isHan(unit)).map(wordForms);
    const stems = new Set(latin.map((forms) => forms.stem));
    return { having, latin, stems };
  }

  /** The units of names that a unit of the query stands for, each with its likeness. */
  function likeUnits(unit, table) {
    if (isHan(unit)) return new Map(table.having.has(unit) ? [[unit, 1]] : []);
    const typed = wordForms(unit);
    const mistyped = !table.stems.has(typed.stem);
    const likes = table.latin.map((other) => [other.word, likeness(typed, other, mistyped)]);
    return new Map(likes.filter(([, like]) => like > 0));
  }

  /**
   * What of the query the names of each document have, whatever the order and the language.
   *
   * A unit weighs more the fewer documents have it. How much of the likest name was typed counts
   * too, so that 微调 is nearer to 怎么微调 than 全参数微调 is.
   */
  function coverage(query, table, count) {
    const rarity = (found) => Math.log(1 + count / (1 + found));
    const asked = [...new Set(query.units)];
    const found = new Map();
    let total = 0;
    for (const [i, unit] of asked.entries()) {
      const likes = likeUnits(unit, table);
      // What is typed as two words and written as one.
      for (const joined of [asked[i - 1] + unit, unit + asked[i + 1]]) {
        if (!isHan(unit) && table.having.has(joined)) likes.set(joined, 1);
      }
      const best = new Map();
      for (const [other, like] of likes) {
        for (const document of table.having.get(other)) {
          if (like > (best.get(document) ?? 0)) best.set(document, like);
        }
      }
      const exactly = [...best.values()].filter((like) => like === 1).length;
      // A pair that no name has is mostly the seam of two words.
      const unknown = isHan(unit) ? 0.3 : 0.4;
      const telling = best.size ? rarity(exactly || best.size) : unknown * rarity(0);
      const weight = telling * (GLUE.has(unit) ? 0.1 : CONTEXT_UNITS.has(unit) ? 0.4 : 1);
      total += weight;
      for (const [document, like] of best) {
        if (!found.has(document)) found.set(document, { sum: 0, exact: true, likes: [] });
        const its = found.get(document);
        its.sum += weight * like;
        its.exact &&= like >= 0.9;
        its.likes.push(likes);
      }
    }
    const matches = new Map();
    for (const [document, { sum, exact, likes }] of found) {
      const covered = sum / total;
      if (covered < LEAST_COVERED) continue;
      const { name, share } = likestName(document.names, likes);
      const why = exact ? name.kind : "similar";
      const match =
        likes.length < asked.length
          ? matched(name, "part", 28 * covered + 15 * share, why)
          : covered >= 0.85
            ? matched(name, "words", SPAN * share * covered, why)
            : matched(name, "typo", SPAN * share * covered - 5, why);
      matches.set(document, match);
    }
    return matches;
  }

  /** The name of which the most was typed, and how much of it that is. */
  function likestName(names, likes) {
    let best = { name: names[0], share: 0 };
    for (const name of names) {
      let typed = 0;
      let all = 0;
      const likenessOf = (unit) => Math.max(...likes.map((like) => like.get(unit) ?? 0));
      const joined = name.compounds.filter(({ unit }) => likenessOf(unit) === 1);
      for (const unit of name.units) {
        const size = GLUE.has(unit) ? 0.2 : CONTEXT_UNITS.has(unit) ? 0.5 : 1;
        const isTyped = joined.some(({ parts }) => parts.includes(unit));
        all += size;
        typed += size * (isTyped ? 1 : likenessOf(unit));
      }
      const share = (typed / all) * name.weight;
      if (share > best.share) best = { name, share };
    }
    return best;
  }

  // ---------------------------------------------------------------- engine

  const SLICE = 20; // ms
  const FIELDS = { names: 3, headings: 1, definition: 1, category: 0.5 };

  /**
   * The terms a text is found by. With its last character a Chinese word is indexed once more, so
   * that each of its characters begins a term: a query of one character is a prefix.
   */
  function indexTerms(text, fold) {
    return wordsOf(plain(text, fold)).flatMap((word) => {
      if (!isHan(word)) return [stem(word)];
      const characters = Array.from(word);
      return characters.length === 1 ? characters : [...pairsOf(characters), characters.at(-1)];
    });
  }

  const queryTerms = (words) =>
    words.flatMap((word) => (isHan(word) ? pairsOf(Array.from(word)) : [stem(word)]));

  /**
   * Builds the engine, in slices between which the page answers the reader.
   *
   * @param {object} index What `search_index` of the Python side returns.
   * @param {Function} MiniSearch The class.
   * @returns {Promise<object>} `search`, `nearest` and `mark`, which know the names; `define`, which
   *   adds the definitions; and what the search of the full text needs.
   */
  async function createEngine(index, MiniSearch) {
    const fold = folder(index.fold);
    const foldWords = wordFolder(index.synonyms);
    const formsOf = (text) => forms(text, fold, foldWords);
    const syllables = syllableTable(index.syllables);
    const sounds = new Map([...syllables].map(([c, { pinyin }]) => [c, pinyin]));
    const documents = [];
    let until = Date.now() + SLICE;
    for (const [id, url] of index.urls.entries()) {
      const names = index.names[id].map((n) => prepareName(n, index.language, syllables, formsOf));
      const slugged = names.find((name) => name.kind === "preferred" && name.language === "en");
      documents.push({
        id,
        // The Python side writes * for what the English name says.
        url: url.replace("*", slugOf((slugged ?? names[0]).text)),
        names,
        name: names[0].text,
        category: index.categories[index.category[id]],
        definition: "",
        mentions: index.mentions[id],
        isLesser: url.includes("#"),
      });
      if (Date.now() > until) {
        await new Promise((resolve) => setTimeout(resolve));
        until = Date.now() + SLICE;
      }
    }
    const units = unitTable(documents);
    let texts = null;

    /**
     * Adds definitions and headings, in slices between which the page answers the reader.
     *
     * @param {object} data What `definitions` of the Python side returns.
     * @returns {Promise} Resolved when the text of all documents can be searched.
     */
    async function define(data) {
      for (const document of documents) document.definition = data.definitions[document.id];
      for (const [pinyin, characters] of data.homophones) {
        for (const character of characters) {
          if (!sounds.has(character)) sounds.set(character, pinyin);
        }
      }
      const all = new MiniSearch({
        fields: Object.keys(FIELDS),
        tokenize: (text) => indexTerms(text, fold),
        processTerm: (term) => term,
      });
      await all.addAllAsync(
        documents.map(({ id, names, definition, category }) => ({
          id,
          names: names.map((name) => name.text).join("\n"),
          headings: data.headings[id].join("\n"),
          definition,
          category,
        })),
        { chunkSize: 25 },
      );
      texts = all;
    }

    /** The query as one names; `sound` is how its Chinese characters are read together. */
    function analyse(text) {
      const query = formsOf(text);
      const isNumbered = /^(?:[a-z]+[1-5])+$/.test(query.key); // wei1tiao2
      const toneless = isNumbered ? query.key.replace(/[1-5]/g, "") : query.key;
      const characters = Array.from(query.written);
      const hasHan = HAN.test(query.key);
      const isRead = characters.length > 1 && characters.every((c) => sounds.has(c));
      return {
        ...query,
        han: hasHan,
        limit: tolerance(query.key),
        pinyin: pinyinKey(toneless),
        sound: hasHan && isRead ? pinyinKey(characters.map((c) => sounds.get(c)).join("")) : "",
        terms: queryTerms(query.words),
      };
    }

    /** Text relevance by document, at most 1; nothing that shares less than half of the query. */
    function relevance(query) {
      if (!texts) return new Map();
      const terms = new Set(query.terms);
      const found = texts.search(query.terms.join(" "), {
        boost: FIELDS,
        tokenize: (text) => text.split(" "),
        prefix: (term) => (isHan(term) ? term.length === 1 : term.length > 2),
        fuzzy: (term) => (isHan(term) || BOPOMOFO.test(term) ? 0 : Math.min(2, tolerance(term))),
      });
      const scored = found
        .map(({ id, score, queryTerms: hit }) => [id, score, new Set(hit).size / terms.size])
        .filter(([, , share]) => share >= 0.5)
        .map(([id, score, share]) => [id, score * share ** 2]);
      const highest = Math.max(...scored.map(([, score]) => score));
      return new Map(scored.map(([id, score]) => [id, score / highest]));
    }

    const squeezed = (text) => text.replace(/\s+/g, " ").trim();

    /** What a question asks about: the text without the words that make a question of it. */
    function coreOf(text) {
      const unasked = squeezed(plain(text, fold).replace(QUESTION, " "));
      const core = squeezed(unasked.replace(HAN_GLUE, " "));
      return wordsOf(core).length ? core : text;
    }

    /** The things that are compared, if all of them are names: "RLHF vs DPO". */
    function comparedIn(text) {
      const parts = plain(text, fold).split(CONJUNCTION).map((part) => analyse(coreOf(part)));
      const isNamed = (part) => part.key && documents.some((d) => isExactly(d, part));
      return parts.length > 1 && parts.every(isNamed) ? parts : [];
    }

    /** The last part of what is joined by 的, which the rest only tells more about. */
    const headOf = (text) => {
      const parts = plain(text, fold).replace(QUESTION, " ").split("的");
      return parts.length > 1 ? parts.at(-1) : "";
    };

    const isExactly = (document, query) =>
      bestMatch(document, query, matchExactly)?.tier === "exact";

    /** The text itself; what it asks about; and that without what everything here is about. */
    function queriesFor(text) {
      const core = coreOf(text);
      const narrow = squeezed(core.replace(CONTEXT, " "));
      const as = (rank) => (query) => ({ query, rank });
      const queries = [
        ...[text, core].map(analyse).map(as((score) => score)),
        // Never better than all of the query, found in one name or another.
        ...[narrow].map(analyse).map(as((score) => (score > TIER.substring ? 30 + score / 6 : 0))),
        as((score) => (score > TIER.exact * WEIGHT.rejected ? 60 + score / 10 : 0))(
          analyse(headOf(text)),
        ),
        ...comparedIn(text).map((part, i) =>
          as((score) => (score > TIER.exact * WEIGHT.rejected ? 100 - i + score / 20 : 0))(part),
        ),
      ];
      return queries.filter(
        ({ query }, i) =>
          query.key && !queries.slice(0, i).some((other) => other.query.key === query.key),
      );
    }

    /**
     * Finds what `text` may mean, best first.
     *
     * @returns {{document: object, score: number, tier: string, why: string,
     *   name: object?}[]} `why` says what matched: the kind of name, "pinyin", "zhuyin",
     *   "similar" or "text".
     */
    function search(text, limit = 10) {
      const best = new Map();
      for (const { query, rank } of queriesFor(text)) {
        const relevant = relevance(query);
        const exactly = documents.map((document) => bestMatch(document, query, matchExactly));
        const isSure = exactly.some((match) => match?.tier === "exact");
        const covering = isSure ? new Map() : coverage(query, units, documents.length);
        for (const document of documents) {
          let match = exactly[document.id];
          if (!match && !isSure) {
            const mistyped = bestMatch(document, query, matchMistyped);
            const covers = covering.get(document);
            match = (mistyped?.score ?? 0) > (covers?.score ?? 0) ? mistyped : covers;
          }
          match ??= UNNAMED;
          const related = SPAN * (relevant.get(document.id) ?? 0);
          if (match === UNNAMED && related === 0) continue;
          const known = Math.min(MOST_KNOWN, Math.log2(1 + document.mentions));
          const lesser = document.isLesser && match.tier !== "exact" ? LESSER : 0;
          const score = rank(match.score + related + known - lesser);
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
      const query = analyse(coreOf(text));
      if (!query.key) return [];
      return documents
        .map((document) => ({
          document,
          likeness: Math.max(...document.names.map((name) => resemblance(query, name))),
        }))
        .filter((candidate) => candidate.likeness > 0.25)
        .sort((a, b) => b.likeness - a.likeness || a.document.id - b.document.id)
        .slice(0, limit)
        .map((candidate) => candidate.document);
    }

    /** Splits `text` into `[piece, marked]`, marking what the query `typed` asks for. */
    function mark(text, typed, folded = fold) {
      const terms = analyse(coreOf(typed)).terms.map(folded);
      const flat = flatten(text, folded);
      const marked = new Uint8Array(flat.length);
      for (const word of flat.matchAll(WORDS)) {
        for (const term of terms) {
          if (isHan(term)) {
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

    /** What of a query the full text is searched for: its terms, and the whole as one piece. */
    function textQuery(typed) {
      const core = plain(coreOf(typed), fold);
      const words = wordsOf(core);
      const telling = words.filter((word) => !GLUE.has(word));
      return { terms: queryTerms(telling.length ? telling : words), phrase: squeezed(core) };
    }

    return { documents, fold, define, search, nearest, mark, textQuery };
  }

  /** An English name as addresses have it. */
  const slugOf = (name) =>
    name
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .replace(/^-|-$/g, "");

  /** How like a name is to a query, from 0 to 1: by edits, by sound, by shared characters. */
  function resemblance(query, name) {
    const by = (a, b) => {
      if (!a || !b) return 0;
      const longest = Math.max(a.length, b.length);
      const count = edits(a, b, Math.floor(longest / 2));
      return count < Infinity ? 1 - count / longest : 0;
    };
    const shared = name.units.filter((unit) => query.units.includes(unit)).length;
    return Math.max(
      by(query.key, name.key),
      0.9 * by(query.sound || query.pinyin, name.readings[0]?.full),
      (2 * shared) / (query.units.length + name.units.length),
    );
  }

  const exported = { createEngine, text: { HAN, plain, flatten, stem, folder, wordsOf } };
  if (typeof module === "object" && module.exports) module.exports = exported;
  else window.glossarySearchEngine = exported;
})();
