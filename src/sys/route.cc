#include "sys/route.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstring>

#include "base/host_paths.h"
#include "sys/file.h"
#include "sys/netlink.h"
#include "sys/process.h"

namespace brig::sys {

namespace {

constexpr int kAttempts = 100;

ifinfomsg device_header(std::uint32_t index) {
  ifinfomsg header{};
  header.ifi_family = AF_UNSPEC;
  header.ifi_index = static_cast<int>(index);
  return header;
}

NetworkAddress address_of(std::string_view message, const ifaddrmsg& header) {
  NetworkAddress address{.family = header.ifa_family,
                         .prefix_length = header.ifa_prefixlen,
                         .scope = header.ifa_scope,
                         .flags = header.ifa_flags};
  for (const netlink::Attribute& attribute : netlink::attributes(message, sizeof header)) {
    if (attribute.type == IFA_LOCAL) address.local = attribute.value;
    if (attribute.type == IFA_ADDRESS) address.address = attribute.value;
    if (attribute.type == IFA_BROADCAST) address.broadcast = attribute.value;
    // More of them than the header has room for.
    if (attribute.type == IFA_FLAGS) netlink::read(attribute.value, address.flags);
    if (attribute.type == IFA_RT_PRIORITY) netlink::read(attribute.value, address.priority);
  }
  return address;
}

}  // namespace

Result<RouteSocket> RouteSocket::open() {
  Fd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket) return fail_errno("socket AF_NETLINK");
  const int on = 1;
  for (const int option : {NETLINK_EXT_ACK, NETLINK_CAP_ACK})
    if (::setsockopt(socket.raw(), SOL_NETLINK, option, &on, sizeof on) != 0)
      return fail_errno("setsockopt SOL_NETLINK ", option);
  return RouteSocket(std::move(socket));
}

Result<RouteSocket> RouteSocket::open_in(FdRef network_namespace) {
  const Fd home =
      TRY(open_at(FdRef::cwd(), cat(host_paths::kProc, "/thread-self/ns/net"), O_RDONLY));
  TRY(set_namespace(network_namespace, CLONE_NEWNET));
  Result<RouteSocket> opened = open();
  TRY_DOING(set_namespace(home, CLONE_NEWNET), "return to brig's network namespace");
  return opened;
}

Result<std::vector<std::string>> RouteSocket::request(std::string message, std::string_view what) {
  netlink::number(message, ++sequence_);
  if (::send(socket_.raw(), message.data(), message.size(), 0) < 0) return fail_errno(what);
  netlink::Reply reply(sequence_);
  while (!reply.is_complete()) {
    std::string buffer(std::size_t{1} << 16, '\0');
    const ssize_t size = ::recv(socket_.raw(), buffer.data(), buffer.size(), MSG_TRUNC);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return fail_errno(what);
    if (static_cast<std::size_t>(size) > buffer.size())
      return fail(Errc::Protocol, cat(what, ": a reply of ", size, " bytes"));
    buffer.resize(static_cast<std::size_t>(size));
    TRY_DOING(reply.take(buffer), what);
  }
  return reply.messages();
}

Result<std::optional<NetworkDevice>> RouteSocket::find(const std::string& name) {
  std::string message = netlink::message(RTM_GETLINK, NLM_F_ACK, device_header(0));
  netlink::add_text(message, IFLA_IFNAME, name);
  Result<std::vector<std::string>> found = request(std::move(message), "RTM_GETLINK");
  if (!found && found.error().sys_errno() == ENODEV) return std::nullopt;
  const std::vector<std::string> replies = TRY(std::move(found));
  for (const std::string& reply : replies) {
    ifinfomsg header{};
    if (netlink::type_of(reply) != RTM_NEWLINK || !netlink::read_header(reply, header)) continue;
    return NetworkDevice{.index = static_cast<std::uint32_t>(header.ifi_index),
                         .up = (header.ifi_flags & IFF_UP) != 0};
  }
  return fail(Errc::Protocol, "RTM_GETLINK: no device in the reply");
}

Result<std::vector<NetworkAddress>> RouteSocket::addresses(std::uint32_t device) {
  const std::string message = netlink::message(RTM_GETADDR, NLM_F_DUMP, ifaddrmsg{});
  Result<std::vector<std::string>> listed = request(message, "RTM_GETADDR");
  // On a host where containers come and go addresses do so too.
  for (int i = 1; i < kAttempts && !listed && listed.error().sys_errno() == EINTR; ++i)
    listed = request(message, "RTM_GETADDR");
  const std::vector<std::string> replies = TRY(std::move(listed));
  std::vector<NetworkAddress> found;
  for (const std::string& reply : replies) {
    ifaddrmsg header{};
    if (netlink::type_of(reply) != RTM_NEWADDR || !netlink::read_header(reply, header)) continue;
    if (header.ifa_index == device) found.push_back(address_of(reply, header));
  }
  return found;
}

Result<> RouteSocket::move(std::uint32_t device, FdRef network_namespace, const std::string& name) {
  std::string message = netlink::message(RTM_NEWLINK, NLM_F_ACK, device_header(device));
  netlink::add(message, IFLA_NET_NS_FD, network_namespace.raw());
  netlink::add_text(message, IFLA_IFNAME, name);
  TRY(request(std::move(message), "RTM_NEWLINK"));
  return {};
}

Result<> RouteSocket::add_address(std::uint32_t device, const NetworkAddress& address) {
  ifaddrmsg header{};
  header.ifa_family = address.family;
  header.ifa_prefixlen = address.prefix_length;
  header.ifa_scope = address.scope;
  header.ifa_index = device;
  std::string message =
      netlink::message(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, header);
  if (!address.local.empty()) netlink::add_bytes(message, IFA_LOCAL, address.local);
  if (!address.address.empty()) netlink::add_bytes(message, IFA_ADDRESS, address.address);
  if (!address.broadcast.empty()) netlink::add_bytes(message, IFA_BROADCAST, address.broadcast);
  netlink::add(message, IFA_FLAGS, address.flags);
  if (address.priority != 0) netlink::add(message, IFA_RT_PRIORITY, address.priority);
  TRY(request(std::move(message), "RTM_NEWADDR"));
  return {};
}

Result<> RouteSocket::bring_up(std::uint32_t device) {
  ifinfomsg header = device_header(device);
  header.ifi_flags = IFF_UP;
  header.ifi_change = IFF_UP;
  TRY(request(netlink::message(RTM_NEWLINK, NLM_F_ACK, header), "RTM_NEWLINK"));
  return {};
}

}  // namespace brig::sys
