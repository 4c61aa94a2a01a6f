// Answers queries with the files that a built site has; prints the addresses of the first five.
const { readFileSync } = require("node:fs");
const [engineFile, miniSearch, folder, queries] = process.argv.slice(2);
const { createEngine } = require(engineFile);
const window = {};
for (const name of ["names", "definitions"]) {
  new Function("window", readFileSync(`${folder}/${name}.js`, "utf8"))(window);
}
const { names, definitions } = window.glossarySearch;
createEngine(names, require(miniSearch)).then(async (engine) => {
  await engine.define(definitions);
  const answers = JSON.parse(queries).map((query) =>
    engine.search(query, 5).map(({ document }) => document.url));
  console.log(JSON.stringify(answers));
});
