// Times WebPPL on the models of main.swift and prints one JSON object a line.
//
//   node webppl-benchmark.js path/to/webppl.min.js
//
// The bundle is WebPPL's own browser build; it is not part of this package. It draws plots, so it asks
// for a document when it loads: `stub` stands in for everything that has to do with one. Times are CPU
// seconds of the inference alone, read inside the WebPPL program; compiling it is not counted.
'use strict';
const fs = require('fs');
const vm = require('vm');

const stub = new Proxy(function () {}, {
  get: (_, key) =>
    key === Symbol.toPrimitive ? () => 0
      : key === Symbol.iterator || key === 'then' ? undefined : key === 'length' ? 0 : stub,
  apply: () => stub,
  construct: () => stub,
  set: () => true,
  has: () => true,
});
for (const name of ['document', 'Image', 'HTMLCanvasElement', 'XMLHttpRequest', 'DOMParser', 'location'])
  Object.defineProperty(globalThis, name, { value: stub, configurable: true, writable: true });
Object.defineProperty(globalThis, 'navigator', {
  value: { userAgent: 'node', appVersion: '', platform: '' }, configurable: true });
globalThis.window = globalThis;
globalThis.self = globalThis;
globalThis.addEventListener = () => {};
globalThis.removeEventListener = () => {};
// Under an object: a bare function would be called in continuation-passing style.
globalThis.clock = { cpu: () => { const u = process.cpuUsage(); return (u.user + u.system) / 1e6; } };

if (!process.argv[2]) {
  console.error('usage: node webppl-benchmark.js path/to/webppl.min.js');
  process.exit(64);
}
vm.runInThisContext(fs.readFileSync(process.argv[2], 'utf8'));

const hmm = `
var step = function(state) { return flip(state ? 0.7 : 0.3) };
var seen = function(i) { return i % 3 !== 1 };
var hmm = function(i, state, n) {
  if (i === n) { return state }
  var next = step(state);
  observe(Bernoulli({p: next ? 0.9 : 0.1}), seen(i));
  return hmm(i + 1, next, n)
};
`;
const timed = (expression, answer) => `
var before = clock.cpu();
var result = ${expression};
var after = clock.cpu();
({seconds: after - before, answer: ${answer}})`;

const programs = {
  'hmm14-enumeration': hmm + timed(
    'Infer({method: "enumerate", model: function() { return hmm(0, flip(), 14) }})',
    'Math.exp(result.score(true))'),
  'hmm50-exact': hmm + `
var filtered = function(n) {
  if (n === 0) { return Infer({method: "enumerate", model: function() { return flip() }}) }
  var before = filtered(n - 1);
  return Infer({method: "enumerate", model: function() {
    var next = step(sample(before));
    observe(Bernoulli({p: next ? 0.9 : 0.1}), seen(n - 1));
    return next
  }})
};` + timed('filtered(50)', 'Math.exp(result.score(true))'),
  'regression-mh': `
var xs = mapN(function(i) { return i / 10 }, 20);
var ys = map(function(x) { return 1 + 2 * x + Math.sin(37 * x) }, xs);
var model = function() {
  var a = gaussian(0, 5);
  var b = gaussian(0, 5);
  var sd = gamma(2, 1);
  map2(function(x, y) { observe(Gaussian({mu: a + b * x, sigma: sd}), y) }, xs, ys);
  return b
};` + timed('Infer({method: "MCMC", samples: 20000, model: model})', 'expectation(result)'),
  'hmm50-smc': hmm + timed(
    'Infer({method: "SMC", particles: 5000, model: function() { return hmm(0, flip(), 50) }})',
    'Math.exp(result.score(true))'),
  'grammar-mh': `
var expression = function() {
  if (flip(0.6)) { return 1 + randomInteger(5) }
  var adds = flip(0.5);
  var left = expression();
  var right = expression();
  return adds ? left + right : left * right
};
var model = function() {
  var value = expression();
  factor(-Math.abs(value - 12));
  return Math.min(value, 100)
};` + timed('Infer({method: "MCMC", samples: 20000, model: model})', 'expectation(result)'),
  'coin-design': `
var grid = [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99];
var fair = function(flips) { return Infer({method: "enumerate", model: function() { return flip() }}) };
var bias = function(flips) { return Infer({method: "enumerate", model: function() {
  var p = uniformDraw(grid);
  map(function(x) { observe(Bernoulli({p: p}), x) }, flips);
  return flip(p)
}})};
var markov = function(flips) { return Infer({method: "enumerate", model: function() {
  var p = uniformDraw(grid);
  map2(function(x, y) { observe(Bernoulli({p: p}), x !== y) }, flips.slice(0, 3), flips.slice(1));
  return flip(p) ? !flips[3] : flips[3]
}})};
var theories = [fair, bias, markov];
var gain = function(flips) {
  var heads = map(function(t) { return Math.exp(t(flips).score(true)) }, theories);
  var prior = Infer({method: "enumerate", model: function() { return randomInteger(3) }});
  var responses = Infer({method: "enumerate", model: function() {
    return binomial({p: heads[randomInteger(3)], n: 20})
  }});
  return expectation(responses, function(y) {
    var posterior = Infer({method: "enumerate", model: function() {
      var m = randomInteger(3);
      observe(Binomial({p: heads[m], n: 20}), y);
      return m
    }});
    return expectation(posterior, function(m) { return posterior.score(m) - prior.score(m) })
  })
};
var sequences = mapN(function(i) {
  return map(function(k) { return Math.floor(i / k) % 2 === 0 }, [8, 4, 2, 1])
}, 16);` + timed('map(gain, sequences)', 'result[0]'),
  'category-mh': `
var as = [[1,1,1,0],[1,0,1,0],[1,0,1,1],[1,1,0,1],[0,1,1,1]];
var bs = [[1,1,0,0],[0,1,1,0],[0,0,0,1],[0,0,0,0]];
var shown = as.concat(bs);
var objects = mapN(function(i) {
  return map(function(k) { return Math.floor(i / k) % 2 }, [8, 4, 2, 1])
}, 16);
var same = function(x, y) {
  return x[0] === y[0] && x[1] === y[1] && x[2] === y[2] && x[3] === y[3]
};
var prototype = function() {
  var weights = repeat(4, function() { return uniform(0, 1) });
  var alpha = uniform(0, 5);
  var recall = uniform(-1, 1);
  return map(function(object) {
    var cue = function(i) {
      var match = function(o) { return o[i] === object[i] };
      var a = filter(match, as).length;
      var b = filter(match, bs).length;
      return weights[i] * (a + b > 0 ? (a - b) / (a + b) : 0)
    };
    var isShown = any(function(o) { return same(o, object) }, shown);
    var total = sum(map(cue, [0, 1, 2, 3])) + (isShown ? recall : 0);
    return 1 / (1 + Math.exp(-alpha * total))
  }, objects)
};` + timed(
    'Infer({method: "MCMC", samples: 5000, model: prototype})',
    'expectation(result, function(p) { return p[14] })'),
};

const wanted = process.argv.slice(3);
// Short programs run three times, so that they are timed once compiled; the reader takes the least.
let repeats = 0;
const names = Object.keys(programs).filter((n) => wanted.length === 0 || wanted.includes(n));
const next = () => {
  const name = names[0];
  if (!name) process.exit(0);
  try {
    globalThis.webppl.run(programs[name], (_, value) => {
      console.log(JSON.stringify({ name, seconds: value.seconds, answer: value.answer }));
      repeats += 1;
      if (repeats === 3 || value.seconds > 3) { names.shift(); repeats = 0; }
      setTimeout(next, 0);
    });
  } catch (error) {
    console.error(name + ': ' + String(error.message).slice(0, 300));
    names.shift();
    setTimeout(next, 0);
  }
};
process.on('uncaughtException', (error) => {
  console.error(String(error.message).slice(0, 300));
  names.shift();
  setTimeout(next, 0);
});
next();
