# Two technicians, a client, a program that reads, two queues with service levels; prints their tokens as JSON.
use strict; use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;
use JSON;

my $system = RT->SystemUser;
sub made { my ($what, @result) = @_; die "$what: $result[1]\n" unless $result[0]; return $result[0] }
sub user { my $user = RT::User->new($system); made(user => $user->Create(@_)); return $user }
sub token {
    my $token = RT::AuthToken->new($system);
    my ($ok, $said, $plain) = $token->Create(Owner => $_[0]->id, Description => 'test');
    die $said unless $ok;
    return $plain;
}
sub grant { my ($whom, $what, @rights) = @_; made($_ => $whom->GrantRight(Right => $_, Object => $what)) for @rights }

my $ada = user(Name => 'ada', RealName => 'Ada Ferrant', EmailAddress => 'ada@northwind.test', Privileged => 1, Password => 'ada-password');
my $ben = user(Name => 'ben', RealName => 'Ben Okafor', EmailAddress => 'ben@northwind.test', Privileged => 1, Password => 'ben-password');
my $bot = user(Name => 'beforehand', EmailAddress => 'bot@northwind.test', Privileged => 1, Password => 'bot-password', Timezone => 'America/New_York');
my $alice = user(Name => 'alice@contoso.test', EmailAddress => 'alice@contoso.test', Privileged => 0, Password => 'alice-password');
my $everyone = RT::Group->new($system);
$everyone->LoadSystemInternalGroup('Everyone');
for my $name ('Support', 'Network') {
    my $queue = RT::Queue->new($system);
    made($name => $queue->Create(Name => $name, SLADisabled => 0));
    grant($_->PrincipalObj, $queue, qw(SeeQueue ShowTicket ShowTicketComments CreateTicket ReplyToTicket CommentOnTicket
        ModifyTicket OwnTicket TakeTicket StealTicket ReassignTicket DeleteTicket)) for $ada, $ben;
    grant($bot->PrincipalObj, $queue, qw(SeeQueue ShowTicket ShowTicketComments));
    grant($everyone->PrincipalObj, $queue, qw(CreateTicket ReplyToTicket));
}
# Each mail that RT sends is a program that it starts; its other scrips stay.
RT->DatabaseHandle->dbh->do("DELETE FROM ObjectScrips WHERE Scrip IN (SELECT s.id FROM Scrips s JOIN ScripActions a
    ON a.id = s.ScripAction WHERE a.ExecModule IN ('Notify', 'Autoreply', 'NotifyAsComment', 'NotifyOwnerOrAdminCc', 'SendForward'))");
print JSON->new->canonical->encode({ ada => token($ada), ben => token($ben), beforehand => token($bot), 'alice@contoso.test' => token($alice) });
