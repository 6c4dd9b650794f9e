// libtorch contains Gloo but its wheel leaves Gloo's headers out, and c10d's header names these types by pointer only.
// Declaring them is enough to construct a ProcessGroupGloo and call it; nothing here is ever instantiated by us.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace gloo {
class Context {
public:
  void setTimeout(std::chrono::milliseconds timeout);
};
class Algorithm;
namespace transport {
class Device;
class UnboundBuffer;
} // namespace transport
namespace rendezvous {
class Store {
public:
  virtual ~Store() = default;
  virtual void set(const std::string &key, const std::vector<char> &data) = 0;
  virtual std::vector<char> get(const std::string &key) = 0;
  virtual void wait(const std::vector<std::string> &keys) = 0;
  virtual void wait(const std::vector<std::string> &keys, const std::chrono::milliseconds &timeout) = 0;
  virtual bool has_v2_support() { return false; }
  virtual std::vector<std::vector<char>> multi_get(const std::vector<std::string> &) { return {}; }
  virtual void multi_set(const std::vector<std::string> &, const std::vector<std::vector<char>> &) {}
  virtual void append(const std::string &, const std::vector<char> &) {}
  virtual int64_t add(const std::string &, int64_t value) { return value; }
};
} // namespace rendezvous
} // namespace gloo
