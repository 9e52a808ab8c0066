module.exports = () => {
  throw new Error('assets of type ARCHIVE are not supported: use a file or a folder');
};
