// What there is of Node.js and Yarn, as one line of JSON: look.js <mark> <directory of PATH> <directory of ours>
// In the words of an old JavaScript, since it may be run by an old Node.js.
var fs = require('fs')
var path = require('path')
var mark = process.argv[1]
var bin = process.argv[2]
var ours = process.argv[3]
var seen = { version: process.versions.node, path: process.execPath, source: '', yarn: '', yarn_ours: false }

try {
  seen.source = fs.readFileSync(mark, 'utf8').trim()
} catch (error) {}

try {
  var yarn = fs.realpathSync(path.join(bin, 'yarn'))
  var description = JSON.parse(fs.readFileSync(path.join(path.dirname(yarn), '..', 'package.json'), 'utf8'))
  seen.yarn = description.name + ' ' + description.version
  seen.yarn_ours = yarn.indexOf(ours + '/') === 0
} catch (error) {
  try {
    fs.lstatSync(path.join(bin, 'yarn'))
    seen.yarn = 'unknown'
  } catch (missing) {}
}

console.log(JSON.stringify(seen))
