// Sends the constants of an official package to the parent.
'use strict';

globalThis.window = undefined;
const [sdk, component] = process.argv.slice(2);
const load = (name) => {
  const module = require(name);
  return module.default ?? module;
};
const { EVENT, TYPES } = load(sdk);
process.send({ EVENT, TYPES, COMPONENT: component === '-' ? {} : load(component).EVENT });
