#include "linux/network/apply.h"

#include <linux/rtnetlink.h>
#include <net/if.h>

#include "base/host_paths.h"
#include "sys/file.h"

namespace brig {

namespace {

constexpr unsigned kMostNumbers = 4096;
// The kernel sets the others itself.
constexpr std::uint32_t kFlagsOfTheUser =
    IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN;

// Before anything is moved: kernels up to 6.5 find a taken name out only when the device has gone.
Result<std::string> free_name(sys::RouteSocket& there, const std::string& wanted) {
  if (!is_template(wanted)) {
    const std::optional<sys::NetworkDevice> taken = TRY(there.find(wanted));
    if (!taken) return wanted;
    return fail(Errc::Exists,
                cat("the container's network namespace has a device '", wanted, "' already"));
  }
  for (unsigned number = 0; number < kMostNumbers; ++number) {
    std::string name = numbered_name(wanted, number);
    if (name.size() >= IFNAMSIZ) break;
    const std::optional<sys::NetworkDevice> taken = TRY(there.find(name));
    if (!taken) return name;
  }
  return fail(Errc::Exists, cat("no name of the form '", wanted, "' is free"));
}

Result<> set_addresses(sys::RouteSocket& socket, std::uint32_t device,
                       const std::vector<sys::NetworkAddress>& addresses) {
  for (const sys::NetworkAddress& address : addresses)
    TRY_DOING(socket.add_address(device, address), "add its address");
  return {};
}

Result<std::uint32_t> index_of(sys::RouteSocket& socket, const std::string& name) {
  const std::optional<sys::NetworkDevice> device = TRY(socket.find(name));
  if (!device) return fail(Errc::NotFound, cat("'", name, "' is gone"));
  return device->index;
}

Result<> lend(sys::RouteSocket& here, const NetworkDeviceMove& move, FdRef network_namespace,
              NetworkLoan& loan) {
  const std::optional<sys::NetworkDevice> device = TRY(here.find(move.host_name));
  if (!device) return fail(Errc::NotFound, "no such device on the host");
  const std::string name = TRY(free_name(*loan.there, move.name));
  std::vector<sys::NetworkAddress> all = TRY(here.addresses(device->index));
  std::vector<sys::NetworkAddress> addresses = lasting_addresses(std::move(all));
  TRY_DOING(here.move(device->index, network_namespace, name), "move it");
  const std::uint32_t index = TRY(index_of(*loan.there, name));
  loan.devices.push_back({.host_name = move.host_name,
                          .index = index,
                          .was_up = device->up,
                          .addresses = std::move(addresses)});
  TRY(set_addresses(*loan.there, index, loan.devices.back().addresses));
  TRY_DOING(loan.there->bring_up(index), "bring it up");
  return {};
}

Result<> take_back(sys::RouteSocket& here, NetworkLoan& loan, const NetworkLoan::Device& device) {
  TRY(loan.there->move(device.index, loan.home, device.host_name));
  const std::uint32_t index = TRY(index_of(here, device.host_name));
  TRY(set_addresses(here, index, device.addresses));
  return device.was_up ? here.bring_up(index) : Result<>();
}

}  // namespace

std::vector<sys::NetworkAddress> lasting_addresses(std::vector<sys::NetworkAddress> addresses) {
  std::erase_if(addresses, [](const sys::NetworkAddress& address) {
    return address.scope != RT_SCOPE_UNIVERSE || (address.flags & IFA_F_PERMANENT) == 0;
  });
  for (sys::NetworkAddress& address : addresses) address.flags &= kFlagsOfTheUser;
  return addresses;
}

Result<> apply_network(const NetworkPlan& plan, FdRef network_namespace, NetworkLoan& loan) {
  loan.home =
      TRY(sys::open_at(FdRef::cwd(), cat(host_paths::kProc, "/thread-self/ns/net"), O_RDONLY));
  sys::RouteSocket here = TRY(sys::RouteSocket::open());
  loan.there = TRY(sys::RouteSocket::open_in(network_namespace));
  for (const NetworkDeviceMove& move : plan)
    TRY_DOING(lend(here, move, network_namespace, loan), "linux.netDevices.", move.host_name);
  return {};
}

Result<> undo_network(NetworkLoan& loan) {
  Result<> done;
  if (loan.devices.empty()) return done;
  sys::RouteSocket here = TRY(sys::RouteSocket::open());
  for (; !loan.devices.empty(); loan.devices.pop_back()) {
    Result<> back = take_back(here, loan, loan.devices.back());
    if (!back) back.error().add_context(loan.devices.back().host_name);
    if (done) done = std::move(back);
  }
  return done;
}

}  // namespace brig
