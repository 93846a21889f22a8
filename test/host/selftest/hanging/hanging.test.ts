it('never ends, on purpose', function () {
  this.timeout(0);
  return new Promise(() => {});
});
