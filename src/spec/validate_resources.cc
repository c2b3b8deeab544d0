// What the cgroup controllers make of a value is theirs to say; here is what must hold on every
// kernel, and what would let a value name another file or add a line of its own.
#include "spec/validate.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::int64_t kAny = -1;  // of a device number

bool is_one_word(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (static_cast<unsigned char>(c) <= ' ') return false;
  return true;
}

void validate_device_rule(const DeviceRule& rule, const Place& here) {
  check_known(rule.type, kDeviceRuleTypes, here.at("type"));
  if (rule.major) check_range(*rule.major, kAny, UINT32_MAX, here.at("major"));
  if (rule.minor) check_range(*rule.minor, kAny, UINT32_MAX, here.at("minor"));
  if (rule.access.find_first_not_of("rwm") != rule.access.npos)
    here.at("access").error("expected letters of 'rwm', got ", quote(rule.access));
}

void validate_memory(const Memory& memory, const Place& here) {
  if (memory.swappiness && *memory.swappiness > 100)
    here.at("swappiness").error("expected an integer from 0 to 100, got ", *memory.swappiness);
  if (memory.limit && memory.swap && *memory.swap > 0 && *memory.swap < *memory.limit)
    here.at("swap").error(*memory.swap, " is below the memory limit of ", *memory.limit,
                          ", which it includes");
}

void validate_cpu(const Cpu& cpu, const Place& here) {
  if (cpu.idle) check_range(*cpu.idle, 0, 1, here.at("idle"));
  if (cpu.burst && cpu.quota && *cpu.quota > 0 &&
      *cpu.burst > static_cast<std::uint64_t>(*cpu.quota))
    here.at("burst").error(*cpu.burst, " exceeds the quota of ", *cpu.quota);
}

void validate_block_io(const BlockIo& block_io, const Place& here) {
  const Place devices = here.at("weightDevice");
  for (std::size_t i = 0; i < block_io.weight_device.size(); ++i) {
    const WeightDevice& device = block_io.weight_device[i];
    if (!device.weight && !device.leaf_weight) devices.at(i).error("needs weight or leafWeight");
  }
}

// "64KB", "2MB", "1GB": a part of the name of a file.
bool is_page_size(std::string_view text) {
  if (text.size() < 3 || !text.ends_with('B') || text.front() == '0') return false;
  const std::string_view number = text.substr(0, text.size() - 2);
  return number.find_first_not_of("0123456789") == number.npos &&
         std::string_view("KMG").contains(text[text.size() - 2]);
}

void validate_hugepages(const std::vector<HugepageLimit>& limits, const Place& here) {
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const Place place = here.at(i);
    if (!is_page_size(limits[i].page_size))
      place.at("pageSize")
          .error("expected a size such as 64KB, 2MB or 1GB, got ", quote(limits[i].page_size));
  }
}

void validate_network(const NetworkResources& network, const Place& here) {
  const Place priorities = here.at("priorities");
  for (std::size_t i = 0; i < network.priorities.size(); ++i) {
    const Place place = priorities.at(i);
    if (!is_one_word(network.priorities[i].name))
      place.at("name").error("expected the name of an interface, got ",
                             quote(network.priorities[i].name));
  }
}

void validate_rdma(const std::map<std::string, Rdma>& rdma, const Place& here) {
  for (const auto& [device, limits] : rdma) {
    if (!is_one_word(device)) here.at(device).error("not the name of a device");
    if (!limits.hca_handles && !limits.hca_objects)
      here.at(device).error("needs hcaHandles or hcaObjects");
  }
}

// A key is the name of a file in the container's own cgroup: CONTROLLER.PARAMETER.
void validate_unified(const StringMap& unified, const Place& here) {
  for (const auto& [key, value] : unified) {
    const std::size_t dot = key.find('.');
    if (key.contains('/') || dot == 0 || dot == key.npos || dot + 1 == key.size())
      here.at(key).error("expected a name such as memory.high");
  }
}

}  // namespace

void validate_resources(const Resources& resources, const Place& here) {
  const Place devices = here.at("devices");
  for (std::size_t i = 0; i < resources.devices.size(); ++i)
    validate_device_rule(resources.devices[i], devices.at(i));
  if (resources.memory) validate_memory(*resources.memory, here.at("memory"));
  if (resources.cpu) validate_cpu(*resources.cpu, here.at("cpu"));
  if (resources.block_io) validate_block_io(*resources.block_io, here.at("blockIO"));
  validate_hugepages(resources.hugepage_limits, here.at("hugepageLimits"));
  if (resources.network) validate_network(*resources.network, here.at("network"));
  validate_rdma(resources.rdma, here.at("rdma"));
  validate_unified(resources.unified, here.at("unified"));
}

}  // namespace brig::spec
