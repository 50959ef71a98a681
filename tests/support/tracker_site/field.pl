# A custom field of all tickets, and who may see it: field.pl NAME [LOGIN]
use strict; use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;

my ($name, $login) = @ARGV;
my $field = RT::CustomField->new(RT->SystemUser);
$field->LoadByCols(Name => $name);
unless ($field->id) {
    my ($ok, $said) = $field->Create(Name => $name, Type => 'FreeformSingle', LookupType => 'RT::Queue-RT::Ticket');
    die $said unless $ok;
    ($ok, $said) = $field->AddToObject(RT::Queue->new(RT->SystemUser));
    die $said unless $ok;
}
if ($login) {
    my $user = RT::User->new(RT->SystemUser);
    $user->Load($login);
    my ($ok, $said) = $user->PrincipalObj->GrantRight(Right => 'SeeCustomField', Object => $field);
    die $said unless $ok;
}
