// Of Renovate where you run it yourself (elsewhere commands are not allowed): dfopt must be on its PATH.
module.exports = {
  allowedCommands: ['^dfopt rewrite --write \\S+$'],
};
