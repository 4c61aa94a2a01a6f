/*
 * The search of the full text: in which sections of which pages the words of a query stand.
 *
 * Nothing is loaded until it is asked, and then only the lists of pages for the words of the query
 * and the text of the best pages; `hooks/llmglossary/search/text.py` writes both. Pure but for the
 * function that loads.
 */
(function () {
  "use strict";

  const MOST_TERMS = 8;
  const MOST_PAGES = 6;
  const MOST_SECTIONS_OF_PAGE = 2;
  const LEAST_COVERED = 0.6;
  const MOST_COMPLETIONS = 30;
  const OFTEN = 1.6;
  const IN_HEADING = 2;
  const AS_TYPED = 1.5;
  const FIRST_PAGE = 35;
  // Characters of an excerpt; one of Chinese is as wide as two of Latin, and says more.
  const LENGTH = { han: 80, latin: 170 };

  /** The file that lists a term: the same sum as on the Python side. */
  function shardOf(term, shards, isHan) {
    let code = 0;
    for (const character of isHan(term) ? Array.from(term).slice(0, 1) : term.slice(0, 3)) {
      code = (code * 31 + character.codePointAt(0)) % 65536;
    }
    return code % shards;
  }

  /** Reads a list of pages: those having the word often, and the others. */
  function readPages(written) {
    const numbers = (text) => {
      let before = -1;
      return Array.from(text, (c) => (before += c.codePointAt(0) - FIRST_PAGE + 1));
    };
    // A ! is no digit, so it stands only between the two lists.
    const [often, seldom = ""] = written.split("!");
    return [...numbers(often).map((n) => [n, OFTEN]), ...numbers(seldom).map((n) => [n, 1])];
  }

  /**
   * Builds the search.
   *
   * @param {object} engine What `createEngine` returned.
   * @param {object} tools The `text` of search-engine.js.
   * @param {Function} load From "text", "words/<name>" or "pages/<name>" to a promise of what is
   *   in that file.
   * @returns {Function} From what was typed to a promise of pages, best first, each with
   *   `document` and `sections`: `anchor`, `heading`, `excerpt` (pieces as `mark` returns them).
   */
  function createTextSearch(engine, tools, load) {
    const { HAN, plain, flatten, stem, folder, wordsOf } = tools;
    const isHan = (term) => HAN.test(term);
    const loaded = new Map();

    /** What `load` gives, asked for once; after a failure it may be asked again. */
    function once(name) {
      if (!loaded.has(name)) {
        const promise = Promise.resolve(load(name)).catch((error) => {
          loaded.delete(name);
          throw error;
        });
        loaded.set(name, promise);
      }
      return loaded.get(name);
    }

    const prepared = new Map();

    /** A file of lists as a map from terms to what is written for them. */
    async function listsOf(name) {
      if (!prepared.has(name)) {
        const { terms, pages } = await once(`words/${name}`);
        const written = pages.split(" ");
        prepared.set(name, new Map(terms.split(" ").map((term, i) => [term, written[i]])));
      }
      return prepared.get(name);
    }

    /** Pages by number, with how strongly they have `term`; null where nearly all have it. */
    async function pagesWith(term, shards) {
      const lists = await listsOf(shards[shardOf(term, shards.length, isHan)]);
      if (lists.has(term)) return lists.get(term) ? new Map(readPages(lists.get(term))) : null;
      // The beginning of words, while one is being typed; a character that is never alone.
      if (!isHan(term) ? term.length < 3 : term.length > 1) return new Map();
      const longer = [...lists].filter(([other, pages]) => pages && other.startsWith(term));
      const found = new Map();
      for (const [, written] of longer.slice(0, MOST_COMPLETIONS)) {
        for (const [page, weight] of readPages(written)) {
          found.set(page, Math.max(weight, found.get(page) ?? 0));
        }
      }
      return found;
    }

    /** The best pages, from the lists alone: number and score. */
    async function bestPages(terms, index) {
      const count = index.pages.length;
      const lists = await Promise.all(terms.map((term) => pagesWith(term, index.shards)));
      const scores = new Map();
      const weights = new Map();
      let total = 0;
      lists.forEach((pages, i) => {
        if (!pages) return;
        // A pair of characters that is nowhere is mostly the seam of two words.
        const rarity = Math.log(1 + count / (1 + pages.size));
        const weight = pages.size || !isHan(terms[i]) ? rarity : rarity * 0.15;
        weights.set(terms[i], weight);
        total += weight;
        for (const [page, strength] of pages) {
          const its = scores.get(page) ?? { count: 0, covered: 0, score: 0 };
          its.count += 1;
          its.covered += weight;
          its.score += weight * strength;
          scores.set(page, its);
        }
      });
      const best = [...scores]
        .filter(([, { count }]) => count >= lists.filter(Boolean).length / 2)
        .map(([page, { covered, score }]) => ({ page, share: covered / total, score }))
        .filter(({ share }) => share >= LEAST_COVERED)
        .sort((a, b) => b.score * b.share ** 2 - a.score * a.share ** 2 || a.page - b.page);
      return { best: best.slice(0, MOST_PAGES), weights };
    }

    /** Finds the terms in one section; null if it has too few of them. */
    function scoreSection([anchor, heading, text], query, weights, fold) {
      const flat = plain(`${heading}\n${text}`, fold);
      const words = new Set(wordsOf(flat).flatMap((word) => (isHan(word) ? [] : [word, stem(word)])));
      const has = (term) =>
        isHan(term)
          ? flat.includes(term)
          : words.has(term) || (term.length > 2 && [...words].some((word) => word.startsWith(term)));
      const top = plain(heading, fold);
      let covered = 0;
      let total = 0;
      let score = 0;
      for (const [term, weight] of weights) {
        total += weight;
        if (!has(term)) continue;
        covered += weight;
        const times = isHan(term) ? flat.split(term).length - 1 : 1;
        score += weight * (1 + Math.log(Math.max(1, times)));
        if (top.includes(term)) score += weight * IN_HEADING;
      }
      if (covered === 0) return null;
      if (query.phrase.length > 1 && flat.includes(query.phrase)) score *= AS_TYPED;
      const share = covered / total;
      return { anchor, heading, text, share, score: score * share ** 2 };
    }

    const cutsWord = (text, at) => /^[a-z0-9]{2}$/i.test(text.slice(Math.max(0, at - 1), at + 1));

    /** The part of `text` with the most of the terms, cut at what reads as a beginning. */
    function excerptOf(text, terms, fold) {
      const length = isHan(text) ? LENGTH.han : LENGTH.latin;
      if (text.length <= length) return text;
      const flat = flatten(text, fold);
      const places = terms.flatMap((term) => {
        const found = [];
        for (let at = flat.indexOf(term); at >= 0; at = flat.indexOf(term, at + 1)) {
          found.push([at, term]);
        }
        return found;
      });
      places.sort(([a], [b]) => a - b);
      let best = { start: 0, count: 0 };
      places.forEach(([start], i) => {
        const inside = places.slice(i).filter(([at]) => at < start + length * 0.7);
        const count = new Set(inside.map(([, term]) => term)).size;
        if (count > best.count) best = { start, count };
      });
      // From the beginning of the sentence, if that is near; else from a word's.
      const before = text.slice(Math.max(0, best.start - length * 0.3), best.start);
      const sentence = Math.max(...["。", "；", "？", "！", ". ", "? "].map((end) => before.lastIndexOf(end)));
      let start = best.start - before.length + sentence + 1;
      let end = Math.min(text.length, start + length);
      while (start < best.start && cutsWord(text, start)) start += 1;
      while (cutsWord(text, end)) end -= 1;
      return `${start > 0 ? "…" : ""}${text.slice(start, end).trim()}${end < text.length ? "…" : ""}`;
    }

    return async function searchText(typed) {
      const query = engine.textQuery(typed);
      const terms = [...new Set(query.terms)].slice(0, MOST_TERMS);
      if (!terms.length) return [];
      const index = await once("text");
      // The names' own table of characters, and what the texts have besides.
      const more = folder(index.fold);
      const fold = (text) => more(engine.fold(text));
      const folded = terms.map(fold);
      const { best, weights } = await bestPages(folded, index);
      const pages = await Promise.all(
        best.map(async ({ page, score, share }) => {
          const sections = (await once(`pages/${index.files[page]}`))
            .map((section) => scoreSection(section, { phrase: fold(query.phrase) }, weights, fold))
            .filter(Boolean)
            .sort((a, b) => b.score - a.score)
            .slice(0, MOST_SECTIONS_OF_PAGE);
          const least = sections.length ? sections[0].score / 2 : 0;
          return {
            document: engine.documents[index.pages[page]],
            score: score * share ** 2 + (sections[0]?.score ?? 0),
            sections: sections
              .filter((section) => section.score > least)
              .map(({ anchor, heading, text }) => ({
                anchor,
                heading,
                excerpt: engine.mark(excerptOf(text, [...weights.keys()], fold), typed, fold),
              })),
          };
        }),
      );
      return pages.filter((page) => page.sections.length).sort((a, b) => b.score - a.score);
    };
  }

  const exported = { createTextSearch };
  if (typeof module === "object" && module.exports) module.exports = exported;
  else window.glossaryTextSearch = exported;
})();
