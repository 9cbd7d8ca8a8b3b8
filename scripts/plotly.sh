#!/bin/sh
# Builds the part of Plotly that draws the report's figures into python/leverkit/report/scripts/plotly.min.js: its kinds of traces and no others.
# Needs npm. The kinds stand in python/leverkit/report/drawing.py too; the version is that which the Python package of the same age brings.
set -e
version=4.1.1
target="$(cd "$(dirname "$0")/.." && pwd)/python/leverkit/report/scripts/plotly.min.js"
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts "plotly.js@$version" esbuild@0.28.2
cat > bundle.js <<'JS'
"use strict";
const Plotly = require("plotly.js/lib/core");
Plotly.register([
  require("plotly.js/lib/bar"),
  require("plotly.js/lib/heatmap"),
  require("plotly.js/lib/sankey"),
  require("plotly.js/lib/treemap"),
  require("plotly.js/lib/waterfall"),
]);
module.exports = Plotly;
JS
npx esbuild bundle.js --bundle --minify --platform=browser --format=iife --global-name=Plotly --define:global=window --target=es2020 \
  --legal-comments=none --loader:.css=empty --log-level=error \
  --banner:js="/*! plotly.js v$version (bar, heatmap, sankey, scatter, treemap, waterfall) | MIT license | copyright Plotly, Inc. */" \
  --outfile="$target"
ls -l "$target"
