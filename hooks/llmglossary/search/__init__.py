"""What `docs/assets/search-engine.js` ranks: names, definitions and the full text, by language."""
